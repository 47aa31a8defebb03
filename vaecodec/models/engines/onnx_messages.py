"""Write ONNX models with the standard library: the package `onnx` is for training only.

The numbers of fields and types are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

MICROSOFT = "com.microsoft"  # the domain of ONNX Runtime's own operators

# Versions that the oldest ONNX Runtime knows.
_FORMAT, _OPERATORS, _MICROSOFT_OPERATORS = 8, 17, 1
_ELEMENT_TYPES = {
    "float32": 1,
    "uint8": 2,
    "int8": 3,
    "int32": 6,
    "int64": 7,
    "float64": 11,
}
_INT, _INTS = 2, 7  # types of attributes


class GraphWriter:
    """Collects the nodes of a graph, in the order in which they are computed."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: dict[bytes, str] = {}  # a message without its name -> name
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def input(self, name: str, dtype: DTypeLike, rank: int) -> str:
        """Declare an input with so many axes of any length; returns its name."""
        self._inputs.append(_value(name, dtype, rank))
        return name

    def output(self, name: str, dtype: DTypeLike, rank: int) -> None:
        """Declare that a tensor is an output."""
        self._outputs.append(_value(name, dtype, rank))

    def constant(self, array: NDArray[Any] | np.generic) -> str:
        """Hold an array, equal ones once; returns its name."""
        values = np.asarray(array)
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        message = b"".join(_field(1, length) for length in values.shape)
        message += _field(2, element_type(values.dtype))
        message += _field(9, little.tobytes())
        return self._constants.setdefault(message, f"constant/{len(self._constants)}")

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
        # Nodes need names as well: old ONNX Runtimes derive others from them.
        message = _fields(1, inputs) + _field(2, name)
        message += _field(3, name) + _field(4, operator)
        message += _fields(5, (_attribute(*item) for item in attributes.items()))
        self._nodes.append(message + _field(7, domain))
        return name

    def model(self) -> bytes:
        """All of it as the bytes of an ONNX model."""
        graph = _fields(1, self._nodes) + _field(2, "graph")
        constants = self._constants.items()
        graph += _fields(5, (message + _field(8, name) for message, name in constants))
        graph += _fields(11, self._inputs) + _fields(12, self._outputs)
        versions = {"": _OPERATORS, MICROSOFT: _MICROSOFT_OPERATORS}.items()
        operators = (
            _field(1, domain) + _field(2, version) for domain, version in versions
        )
        return _field(1, _FORMAT) + _field(7, graph) + _fields(8, operators)


def element_type(dtype: DTypeLike) -> int:
    """The number that ONNX has for a dtype."""
    return _ELEMENT_TYPES[np.dtype(dtype).name]


def _value(name: str, dtype: DTypeLike, rank: int) -> bytes:
    shape = _field(1, b"") * rank
    tensor = _field(1, element_type(dtype)) + _field(2, shape)
    return _field(1, name) + _field(2, _field(1, tensor))


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _INT)
    return _field(1, name) + _fields(8, value) + _field(20, _INTS)


def _fields(number: int, values: Iterable[int | str | bytes]) -> bytes:
    return b"".join(_field(number, value) for value in values)


def _field(number: int, value: int | str | bytes) -> bytes:
    """A field of protobuf: a number that is not negative, or a length and bytes."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])
