"""Levels that are multiples of 2 N + 1, and the numbers that stand for them.

No sample is further than N from what its number stands for. With N = 0, numbers are
levels. Networks look at levels, so they see the same picture whatever N is; what is
coded are numbers, whose laws are as much narrower as their levels are further apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.lattices.head import BITS, Numbers, magnitude

MOST = 255  # level
# Of laws of numbers: what is coarse looks flatter to networks than it is.
LEAST_SCALE = -2 << BITS

Whole = NDArray[np.int16] | NDArray[np.int32]


class Multiples:
    """Multiples for a largest error of N = 0..127.

    Attributes:
        greatest: number that there is; it stands for 255.
    """

    def __init__(self, largest_error: int) -> None:
        self._error, self._step = largest_error, 2 * largest_error + 1
        self.greatest = (MOST + largest_error) // self._step
        self._octaves = int(magnitude(np.array([2 * largest_error << BITS]))[0])

    def levels(self, numbers: Numbers) -> Numbers:
        """Levels 0..255 of numbers, whatever these are."""
        found: Numbers = np.clip(numbers * self._step, 0, MOST)
        return found

    def numbers(self, levels: Whole) -> Numbers:
        """Inverse of `levels`, for numbers that there are."""
        found: Numbers = (levels.astype(np.int32) + self._error) // self._step
        return found

    def law(self, mean: Numbers, scale: Numbers) -> tuple[Numbers, Numbers]:
        """The law of numbers, from that of levels: see `head.law_of`."""
        if not self._error:
            return mean, scale
        return mean // self._step, np.maximum(scale - self._octaves, LEAST_SCALE)
