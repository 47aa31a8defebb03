"""Arrays of the caller that decoded samples are put into: any layout, or refused.

In: the array and the shape that is needed; out: the array, or an error before anything
is decoded. Where elements share memory, one sample would overwrite another in silence.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def array_for(
    shape: tuple[int, ...], dtype: type[Any], out: NDArray[Any] | None
) -> NDArray[Any]:
    """A new array, or `out` if it will do; it may lie in memory as it likes.

    Raises:
        TypeError: `out` is no array.
        ValueError: It has another shape or type, cannot be written to, or its elements
            share memory.
    """
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out is {type(out).__name__}, expected a numpy array")
    if out.dtype != dtype or out.shape != shape or not is_writable(out):
        raise ValueError(
            f"out is {out.dtype} {list(out.shape)}, expected a writable "
            f"{np.dtype(dtype)} array {list(shape)}"
        )
    return out


def is_writable(array: NDArray[Any]) -> bool:
    """Whether every element can be written without changing another."""
    extent = 1
    for stride, side in sorted(zip(map(abs, array.strides), array.shape, strict=True)):
        if side > 1 and stride < extent:
            return False
        extent += (side - 1) * stride
    return array.flags.writeable
