"""Parts of an image that shall be better, or worse, than the rest -> a quality map.

In: an array of users, or rectangles with a quality each; out: one quality for each cell
of 64 x 64 pixels, as files hold it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.geometry.areas import Region, area_of, covering
from vaecodec.format.header import MAX_QUALITY
from vaecodec.format.quality_map import CELL

Shape = tuple[int, int]  # rows and columns of pixels


def map_of_regions(
    shape: Shape, quality: int, regions: Iterable[tuple[Region, int]]
) -> NDArray[np.uint8]:
    """One quality for each cell; cells that a region touches get that of the region.

    Raises:
        ValueError: A region is not inside of the image.
    """
    cells = np.full(_cells(shape), quality, np.uint8)
    for region, inside in regions:
        cells[covering(area_of(region, shape), CELL)] = inside
    return cells


def checked_map(quality_map: NDArray[np.integer[Any]], shape: Shape) -> bytes:
    """The values of a map for an image of this shape, row after row.

    Raises:
        TypeError: It is no array of integers.
        ValueError: It has another shape, or a value is not in 0..100.
    """
    values = np.asarray(quality_map)
    if not np.issubdtype(values.dtype, np.integer):
        raise TypeError(f"a quality map of {values.dtype}, expected integers")
    if values.shape != _cells(shape):
        raise ValueError(
            f"a quality map of shape {list(values.shape)}, expected "
            f"{list(_cells(shape))}: one value for each {CELL} x {CELL} pixels"
        )
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > MAX_QUALITY:
        raise ValueError(
            f"a quality map reaches from {low} to {high}, allowed 0..{MAX_QUALITY}"
        )
    return values.astype(np.uint8).tobytes()


def _cells(shape: Shape) -> Shape:
    return -(-shape[0] // CELL), -(-shape[1] // CELL)
