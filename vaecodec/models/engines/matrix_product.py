"""Matrix products by one thread, the one that asks.

numpy hands large products to a BLAS library, whose pool of threads works on them
whatever the number of threads that the user asked for; and when a process forks while
the pool is busy, parent and child hang. ONNX Runtime computes them as fast and, told
to use one thread, has no pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.engines.sessions import (
    Sessions,
    failure,
    open_session,
    session_options,
)

if TYPE_CHECKING:
    import onnxruntime

Numbers = TypeVar("Numbers", np.float32, np.float64)

# Numbers of ONNX: element types, and versions that the oldest ONNX Runtime knows.
_ELEMENT_TYPES = {"float32": 1, "float64": 11}
_FORMAT, _OPERATORS = 8, 17


def multiply(left: NDArray[Numbers], right: NDArray[Numbers]) -> NDArray[Numbers]:
    """Return the product [n, m] of [n, k] and [k, m], both float32 or both float64."""
    kind = left.dtype.name
    # ONNX Runtime would copy slices as well, and not say so when memory is short.
    feeds = {
        "left": np.ascontiguousarray(left),
        "right": np.ascontiguousarray(right),
    }
    try:
        [product] = _SESSIONS[kind].run(None, feeds)
    except Exception as error:
        raise failure(f"product of {kind}", error) from error
    return product  # type: ignore[no-any-return]


def _load(kind: str) -> onnxruntime.InferenceSession:
    return open_session(_graph(_ELEMENT_TYPES[kind]), session_options(threads=1))


_SESSIONS = Sessions(_load)


def _graph(element_type: int) -> bytes:
    """An ONNX model of one product; the numbers of fields are those of onnx.proto."""
    any_size = _field(1, b"")
    matrix = _field(1, element_type) + _field(2, any_size + any_size)

    def value(name: bytes) -> bytes:
        return _field(1, name) + _field(2, _field(1, matrix))

    node = _field(1, b"left") + _field(1, b"right") + _field(2, b"product")
    graph = _field(1, node + _field(4, b"MatMul")) + _field(2, b"product")
    graph += _field(11, value(b"left")) + _field(11, value(b"right"))
    graph += _field(12, value(b"product"))
    operators = _field(1, b"") + _field(2, _OPERATORS)
    return _field(1, _FORMAT) + _field(7, graph) + _field(8, operators)


def _field(number: int, value: int | bytes) -> bytes:
    """A field of protobuf: a number below 128, or bytes that are fewer than that."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value
