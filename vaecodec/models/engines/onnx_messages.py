"""Write ONNX models with the standard library: the package `onnx` is for training only.

The numbers of fields and types are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.models.engines.protobuf import Pieces, field, repeated

MICROSOFT = "com.microsoft"  # the domain of ONNX Runtime's own operators

# Versions that the oldest ONNX Runtime knows.
_FORMAT, _OPERATORS, _MICROSOFT_OPERATORS = 8, 17, 1
_ELEMENT_TYPES = {"f4": 1, "u1": 2, "i1": 3, "i4": 6, "i8": 7, "f8": 11}
_INT, _INTS = 2, 7  # types of attributes
# Bytes of an array that is compared with others; larger ones are weights, which are all
# different.
_SMALL = 1 << 15


class GraphWriter:
    """Collects the nodes of a graph, in the order in which they are computed."""

    def __init__(self) -> None:
        self._nodes: list[Pieces] = []
        self._constants: dict[Hashable, str] = {}  # what they are known by -> name
        self._initializers: list[Pieces] = []
        self._inputs: list[Pieces] = []
        self._outputs: list[Pieces] = []

    def input(self, name: str, dtype: DTypeLike, rank: int) -> str:
        """Declare an input with so many axes of any length; returns its name."""
        self._inputs.append(value_info(name, dtype, rank))
        return name

    def output(self, name: str, dtype: DTypeLike, rank: int) -> None:
        """Declare that a tensor is an output."""
        self._outputs.append(value_info(name, dtype, rank))

    def constant(self, array: NDArray[Any] | np.generic) -> str:
        """Hold an array, equal ones of at most 2^15 bytes once; returns its name."""
        values = np.asarray(array)
        key: Hashable = len(self._constants)
        if values.nbytes <= _SMALL:
            key = values.dtype, values.shape, values.tobytes()
        name = self._constants.get(key)
        if name is None:
            self._constants[key] = name = f"constant/{len(self._constants)}"
            self._initializers.append(_tensor_info(name, values))
        return name

    def node(
        self,
        operator: str,
        *inputs: str,
        out: str | None = None,
        domain: str = "",
        **attributes: int | Sequence[int],
    ) -> str:
        """Apply an operator with one output; returns its name."""
        name = out or f"node/{len(self._nodes)}"
        message = node_info(operator, inputs, name, **attributes) + field(7, domain)
        # Joined, as they are many and small.
        self._nodes.append([b"".join(message)])
        return name

    def model(self) -> bytes:
        """All of it as the bytes of an ONNX model."""
        graph = repeated(1, self._nodes) + field(2, "graph")
        graph += repeated(5, self._initializers)
        graph += repeated(11, self._inputs) + repeated(12, self._outputs)
        versions = {"": _OPERATORS, MICROSOFT: _MICROSOFT_OPERATORS}.items()
        operators = [
            field(1, domain) + field(2, version) for domain, version in versions
        ]
        model = field(1, _FORMAT) + field(7, graph) + repeated(8, operators)
        return b"".join(model)


def node_info(
    operator: str, inputs: Sequence[str], out: str, **attributes: int | Sequence[int]
) -> Pieces:
    """A node of a graph, with one output."""
    # Nodes need names as well: old ONNX Runtimes derive others from them.
    message = repeated(1, inputs) + field(2, out) + field(3, out) + field(4, operator)
    return message + repeated(5, (_attribute(*item) for item in attributes.items()))


def element_type(dtype: DTypeLike) -> int:
    """The number that ONNX has for a dtype."""
    return _ELEMENT_TYPES[np.dtype(dtype).str[1:]]


def value_info(name: str, dtype: DTypeLike, rank: int) -> Pieces:
    """What says that a tensor of a graph is an input or an output."""
    shape = field(1, "") * rank
    tensor = field(1, element_type(dtype)) + field(2, shape)
    return field(1, name) + field(2, field(1, tensor))


def _tensor_info(name: str, values: NDArray[Any]) -> Pieces:
    little = values.astype(values.dtype.newbyteorder("<"), order="C", copy=False)
    data = little.reshape(-1).view(np.uint8).data
    tensor = repeated(1, values.shape) + field(2, element_type(values.dtype))
    return tensor + field(8, name) + field(9, [data])


def _attribute(name: str, value: int | Sequence[int]) -> Pieces:
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, _INT)
    return field(1, name) + repeated(8, value) + field(20, _INTS)
