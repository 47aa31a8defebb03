"""Lattices from coarse to fine: which pixels each step codes, and from which.

A lattice holds every s-th pixel of every s-th row, s = 32, 16, .. 1. Three steps fill
the holes between the pixels of one, which makes it the next. Cells of 2 x 2 pixels of
the finer lattice have the known pixel at the upper left; parts are named by the place
(row, column) in the cell:

    step   0 codes (1, 1) of every cell
    step   1 codes (0, 1)
    step   2 codes (1, 0)
"""

from __future__ import annotations

from dataclasses import dataclass

Offset = tuple[int, int]  # rows down, columns to the right

COARSEST = 32  # pixels between those of the first lattice, along a side
LEVELS = 5
OWN_LEVELS = 3  # the finest; networks of the last serve all others
STEPS = 3
NEAREST = 4  # pixels whose mean is the first guess
CELL = 2  # pixels of a lattice along a cell
MARGIN = 2  # cells around an area that hold what steps look at
KNOWN: Offset = (0, 0)
CODED: tuple[Offset, ...] = ((1, 1), (0, 1), (1, 0))


@dataclass(frozen=True)
class Neighbour:
    """A known pixel beside one that is coded.

    Attributes:
        part: place in its own cell.
        cell: offset from the cell of the coded pixel to its own.
    """

    part: Offset
    cell: Offset


def neighbours(step: int) -> tuple[Neighbour, ...]:
    """What a step looks at; the nearest four come first."""
    return tuple(_neighbour(CODED[step], offset) for offset in _OFFSETS[step])


def parts(step: int) -> tuple[Offset, ...]:
    """Parts that are known before a step."""
    return (KNOWN, *CODED[:step])


def _neighbour(place: Offset, offset: Offset) -> Neighbour:
    row, column = place[0] + offset[0], place[1] + offset[1]
    return Neighbour((row % 2, column % 2), (row // 2, column // 2))


def _signed(rows: int, columns: int) -> list[Offset]:
    """An offset and its mirror images."""
    return [
        (row, column)
        for row in sorted({-rows, rows})
        for column in sorted({-columns, columns})
    ]


def _every(*offsets: Offset) -> tuple[Offset, ...]:
    return tuple(mirrored for offset in offsets for mirrored in _signed(*offset))


_OFFSETS = (
    _every((1, 1), (1, 3), (3, 1), (3, 3)),
    _every((0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (3, 0)),
    _every((0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (0, 3), (3, 0)),
)
