"""Windows: how a large image is seen by networks in bounded memory, without seams.

The networks run over rectangles (cores) that partition the image, each with a margin
(halo) taken from the neighbours. The halo is as wide as the networks' reach, so a
core's values are those of the undivided image up to the last digits of a float. All
lengths here are in pixels, and multiples of the model's cell.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from vaecodec.codec.geometry.areas import Area, common, widened
from vaecodec.format.header import ImageHeader

CORE_PIXELS = 1024  # at most: larger windows take more memory and more time


@dataclass(frozen=True)
class Window:
    """A core and the rectangle around it that the network is given.

    Attributes:
        core: rows and columns that this window is responsible for.
        seen: rows and columns including the halo, inside the image's whole cells.
    """

    core: Area
    seen: Area

    def start(self, along: int) -> int:
        """First pixel of the core on axis 0 or 1."""
        start: int = self.core[along].start
        return start


def windows(header: ImageHeader, *, cell: int, reach: int) -> Iterator[Window]:
    """Partition an image into windows of nearly equal cores, row after row.

    Args:
        header: of the image.
        cell: what all sides are multiples of.
        reach: how far the network sees, which is how wide the halo is at least.
    """
    height, width = whole_cells(header, cell)
    halo = in_cells(reach, cell)
    grid = slice(0, height), slice(0, width)
    for row in _intervals(height, cell):
        for column in _intervals(width, cell):
            core = row, column
            yield Window(core, seen=common(widened(core, halo), grid))


def whole_cells(header: ImageHeader, cell: int) -> tuple[int, int]:
    """Height and width of an image with its last cells filled up."""
    return in_cells(header.height, cell), in_cells(header.width, cell)


def in_cells(length: int, cell: int) -> int:
    """The next multiple of a cell."""
    return -(-length // cell) * cell


def _intervals(length: int, cell: int) -> list[slice]:
    cells = length // cell
    count = -(-length // max(CORE_PIXELS, cell))
    bounds = [cells * number // count * cell for number in range(count + 1)]
    return list(itertools.starmap(slice, itertools.pairwise(bounds)))
