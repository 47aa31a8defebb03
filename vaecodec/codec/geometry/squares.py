"""Planes in whole squares: what lies beyond their edges repeats the last of them."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def padded(plane: NDArray[Number], side: int) -> NDArray[Number]:
    """A plane [H, W] with its last row and column repeated up to whole squares.

    It is the plane itself if its sides are multiples of a square's.
    """
    fill = [(0, -length % side) for length in plane.shape]
    return np.pad(plane, fill, mode="edge") if np.any(fill) else plane


def in_squares(plane: NDArray[Number], side: int) -> NDArray[Any]:
    """A plane [H, W] by squares [h, side, w, side], padded as needed."""
    whole = padded(plane, side)
    rows, columns = (length // side for length in whole.shape)
    return whole.reshape(rows, side, columns, side)
