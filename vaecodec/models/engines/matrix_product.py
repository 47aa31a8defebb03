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

from vaecodec.models.engines.onnx_messages import GraphWriter
from vaecodec.models.engines.sessions import (
    Sessions,
    failure,
    open_session,
    session_options,
)

if TYPE_CHECKING:
    import onnxruntime

Numbers = TypeVar("Numbers", np.float32, np.float64)


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
    graph = GraphWriter()
    factors = [graph.input(name, kind, rank=2) for name in ("left", "right")]
    graph.output(graph.node("MatMul", *factors), kind, rank=2)
    return open_session(graph.model(), session_options(threads=1))


_SESSIONS = Sessions(_load)
