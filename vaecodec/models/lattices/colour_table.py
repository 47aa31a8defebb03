"""Which colours a picture has, learned while it is decoded.

Pictures that were YCbCr once have few of all differences between their colours. The
table counts pairs (red - green, blue - green) of the pixels that are known, and says
how much more often each occurs than those around it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.lattices.head import BLUE, GREEN, RED
from vaecodec.models.lattices.laws import ALIKE, Weights, Whole

MOST = 255
PAIRS = 2 * MOST + 1
MARGIN = 129  # entries beside those that occur: half of the widest window, and one
BOX = 7
PRIOR = 5

Counts = NDArray[np.int64]
Values = NDArray[np.int32]


class ColourTable:
    """Counts of pairs, and weights from them.

    Args:
        greatest: number that a colour may have; below 255 numbers are not samples, and
            nothing is learned.
    """

    def __init__(self, greatest: int) -> None:
        self._counts: Counts = np.zeros((PAIRS, PAIRS), np.int64)
        self._greatest = greatest
        there = np.full(greatest + 1, ALIKE, np.int32)
        self._green = np.pad(there, (MARGIN, MARGIN + MOST - greatest))

    def see(self, pixels: NDArray[np.int32]) -> None:
        """Count pixels [h, w, 3]."""
        red, blue = (
            (pixels[..., colour] - pixels[..., GREEN]).ravel() + MOST
            for colour in (RED, BLUE)
        )
        counts = np.bincount(red * PAIRS + blue, minlength=PAIRS * PAIRS)
        self._counts += counts.reshape(PAIRS, PAIRS)

    def weights(self, known: Sequence[Values]) -> Weights:
        """Weights of the next colour of pixels [n].

        Args:
            known: values of the colours before, in the order of coding, [n] each.
        """
        if not known or self._greatest < MOST:
            zero = np.full(1, MARGIN, np.int32)
            return Weights(self._green, zero, self._greatest)
        zero = MOST + MARGIN - known[0]
        if len(known) == 1:
            return Weights(_entries(self._counts.sum(1)), zero)
        entries = _entries(self._counts)
        row = known[1] - known[0] + MOST
        return Weights(entries.ravel(), row * entries.shape[1] + zero)


def _entries(counts: Counts) -> Whole:
    """Weights [..., n + 2 x margin]; far from what was seen they are all alike."""
    shape = (*counts.shape[:-1], counts.shape[-1] + 2 * MARGIN)
    entries = np.full(shape, ALIKE, np.int32)
    near = tuple(_near(counts, axis) for axis in range(counts.ndim))
    entries[..., MARGIN:-MARGIN][near] = _weights(counts[near])
    return entries


def _near(counts: Counts, axis: int) -> slice:
    """Where along an axis boxes hold anything."""
    others = tuple(other for other in range(counts.ndim) if other != axis)
    seen = np.flatnonzero(counts.any(others))
    if not seen.size:
        return slice(0)
    return slice(max(0, seen[0] - BOX // 2), seen[-1] + BOX // 2 + 1)


def _weights(counts: Counts) -> Counts:
    cells = BOX**counts.ndim
    around = counts
    for axis in range(counts.ndim):
        around = _box_sums(around, axis)
    found: Counts = (counts + PRIOR) * (cells * ALIKE) // (around + cells * PRIOR)
    return found.clip(min=1)


def _box_sums(counts: Counts, axis: int) -> Counts:
    margins = [(0, 0)] * counts.ndim
    margins[axis] = BOX // 2 + 1, BOX // 2
    sums = np.moveaxis(np.cumsum(np.pad(counts, margins), axis), axis, 0)
    boxes: Counts = np.moveaxis(sums[BOX:] - sums[:-BOX], 0, axis)
    return boxes
