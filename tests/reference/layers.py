"""A second decoder: layers of integer networks, which both architectures have.

The numbers on a grid are a list of planes, one per channel, a plane is a list of rows,
and a row a list of integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isqrt
from operator import mul

Planes = list[list[list[int]]]
Layer = Iterable[tuple[Sequence[int], int]]  # for each output its weights and bias
Grid = list[list[int]]  # a number for each position


def dense(layer: Layer, planes: Planes) -> Planes:
    """A 1x1 layer: for each position one scalar product per output."""
    grid = [list(zip(*rows, strict=True)) for rows in zip(*planes, strict=True)]
    return [
        [[bias + sum(map(mul, weight, inputs)) for inputs in row] for row in grid]
        for weight, bias in layer
    ]


def depthwise(layer: Layer, planes: Planes) -> Planes:
    """One k x k kernel per channel; beyond the grid there are zeros."""
    return [
        correlate(plane, weight, bias)
        for plane, (weight, bias) in zip(planes, layer, strict=True)
    ]


def correlate(plane: Grid, kernel: Sequence[int], bias: int) -> Grid:
    size = isqrt(len(kernel))
    margin, width = size // 2, len(plane[0])
    empty = [[0] * (width + 2 * margin)] * margin
    padded = [*empty, *([0] * margin + row + [0] * margin for row in plane), *empty]
    return [
        [bias + sum(map(mul, kernel, window)) for window in _windows(rows, size)]
        for rows in (padded[y : y + size] for y in range(len(plane)))
    ]


def _windows(rows: Grid, size: int) -> Grid:
    starts = range(len(rows[0]) - size + 1)
    return [[v for row in rows for v in row[x : x + size]] for x in starts]


def shuffle(planes: Planes, by: int) -> Planes:
    """[by by C, H, W] -> [C, by H, by W]."""
    height, width = by * len(planes[0]), by * len(planes[0][0])
    return [
        [
            [planes[c + by * (y % by) + x % by][y // by][x // by] for x in range(width)]
            for y in range(height)
        ]
        for c in range(0, len(planes), by * by)
    ]
