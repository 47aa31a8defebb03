"""What a step looks at: known pixels around those that it codes, in integers.

Where the picture ends, its last known pixels go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.lattices.geometry import (
    KNOWN,
    MARGIN,
    NEAREST,
    Offset,
    neighbours,
    parts,
)

CLIP = 127  # largest difference that networks are given

Levels = NDArray[np.int16]  # 0..255


@dataclass(frozen=True)
class Neighbourhood:
    """The surroundings of one pixel of every cell, h x w cells.

    Attributes:
        differences: int8 [3 n, h, w], neighbour after neighbour in red, green, blue,
            less the rounded mean of the nearest four; views of memory [h, w, 3 n].
        sums: int16 [3, h, w] of the nearest four.
    """

    differences: NDArray[np.int8]
    sums: Levels


def neighbourhood(lattice: Levels, step: int) -> Neighbourhood:
    """Look at a lattice [H, W, 3], of which the parts before `step` are known."""
    cells = cell_count(lattice)
    height, width = cells
    known = {place: _with_margin(lattice, place, cells) for place in parts(step)}
    around = []
    for each in neighbours(step):
        top, left = (MARGIN + offset for offset in each.cell)
        rows, columns = slice(top, top + height), slice(left, left + width)
        around.append(known[each.part][:, rows, columns])
    sums = sum(around[1:NEAREST], start=around[0])
    return Neighbourhood(_differences(around, (sums + 2) >> 2), sums)


def part_of(lattice: Levels, place: Offset) -> Levels:
    """The pixels of a lattice [H, W, 3] at one place of the cells, a view."""
    return lattice[place[0] :: 2, place[1] :: 2]


def cell_count(lattice: Levels) -> tuple[int, int]:
    """Rows and columns of cells that hold any pixel of a lattice."""
    height, width, _ = lattice.shape
    return -(-height // 2), -(-width // 2)


def _differences(around: list[Levels], middle: Levels) -> NDArray[np.int8]:
    found = np.empty((len(around), *middle.shape), np.int8)
    for place, pixels in zip(found, around, strict=True):
        np.clip(pixels - middle, -CLIP, CLIP, out=place, casting="unsafe")
    channels = found.reshape(-1, *middle.shape[1:])
    return np.ascontiguousarray(channels.transpose(1, 2, 0)).transpose(2, 0, 1)


def _with_margin(lattice: Levels, place: Offset, cells: tuple[int, int]) -> Levels:
    """A part as [3, h + 4, w + 4]; one that has no pixels is that of the known."""
    part = part_of(lattice, place)
    if not part.size:
        part = part_of(lattice, KNOWN)
    rows, columns = (
        np.clip(np.arange(-MARGIN, count + MARGIN), 0, size - 1)
        for count, size in zip(cells, part.shape, strict=False)
    )
    wide: Levels = np.ascontiguousarray(part[rows][:, columns].transpose(2, 0, 1))
    return wide
