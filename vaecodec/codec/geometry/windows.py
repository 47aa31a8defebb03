"""Windows: how a large image is seen by networks in bounded memory, without seams.

The networks run over rectangles (cores) that partition the image, each with a margin
(halo) taken from the neighbours. The halo is wider than the networks' reach, so a
core's values are those of the undivided image up to the last digits of a float. All
lengths here are in cells of 64 pixels, one hyper-latent position each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from vaecodec.codec.geometry.areas import Area, common, scaled, widened, within

CORE_CELLS = 16  # at most 1024 pixels: larger windows take more memory and more time
HALO_CELLS = 4  # 256 pixels; the widest transform reaches 240
MEANS_HALO_CELLS = 2  # the means alone reach 128


@dataclass(frozen=True)
class Window:
    """A core and the rectangle around it that the network is given.

    Attributes:
        core: rows and columns of cells that this window is responsible for.
        seen: rows and columns of cells including the halo, inside the image.
    """

    core: Area
    seen: Area

    def start(self, along: int) -> int:
        """First cell of the core on axis 0 or 1."""
        start: int = self.core[along].start
        return start

    def core_within(self, scale: int) -> Area:
        """The core relative to the seen rectangle, `scale` elements to a cell."""
        return scaled(within(self.core, self.seen), scale)


def windows(rows: int, columns: int, *, halo: int | None = None) -> Iterator[Window]:
    """Partition a grid of cells into windows of nearly equal cores.

    Around each is a halo of `halo` cells, by default `HALO_CELLS`, inside the image.
    """
    margin = HALO_CELLS if halo is None else halo
    grid = slice(0, rows), slice(0, columns)
    for row in _intervals(rows):
        for column in _intervals(columns):
            core = row, column
            yield Window(core, seen=common(widened(core, margin), grid))


def _intervals(length: int) -> list[slice]:
    count = -(-length // CORE_CELLS)
    bounds = [length * number // count for number in range(count + 1)]
    return list(itertools.starmap(slice, itertools.pairwise(bounds)))
