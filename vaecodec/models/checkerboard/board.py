"""The two groups of a tile's latent positions: like the colours of a chessboard.

In comes an array [M, h, w], out go its first and second group, and back. Position
(c, y, x) is in the first group when c + y + x is even. The first group is decoded
first and then tells the second pass about its neighbours. Each group is kept dense,
as [M / 2, h * w]: row j holds channel 2j, then channel 2j + 1, each in raster order.
That is the C order of the group, and it lets a matrix product compute one group
without the other.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Lattice


def group_lattices(group: int) -> tuple[Lattice, ...]:
    """Four lattices of [M, h, w] that make up the first (0) or second (1) group."""
    return tuple(
        np.s_[channel::2, row::2, (channel + row + group) % 2 :: 2]
        for channel, row in itertools.product((0, 1), repeat=2)
    )


class Checkerboard:
    """Index arithmetic of the two groups over a latent grid.

    Attributes:
        height, width: h and w of the grid.
        even: Number of positions with y + x even, which come first in parity order.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        odd_row = np.arange(height)[:, None] % 2
        parity = ((odd_row + np.arange(width)) % 2).ravel()
        even, odd = np.flatnonzero(parity == 0), np.flatnonzero(parity)
        self.even = even.size
        self._of_even_channels = even.size, odd.size  # positions in each group
        self._parity_order = np.concatenate([even, odd])
        self._raster_order = np.argsort(self._parity_order)
        positions = parity.size
        # Lines in which colours alternate, all of the same even length; else one line
        # of all positions, since those of an odd length alternate from end to start.
        self._lines = (1, positions) if width % 2 else (height, width)
        # Of channels 2 j and 2 j + 1 side by side [2 * h * w]: even positions of the
        # one and odd positions of the other, or the reverse.
        self._groups = (
            np.concatenate([even, odd + positions]),
            np.concatenate([odd, even + positions]),
        )

    def take(self, values: NDArray[Any], group: int) -> NDArray[Any]:
        """One group [M / 2, h * w] of `values` [M, h, w], M even."""
        pairs = values.reshape(len(values) // 2, -1)  # [M / 2, 2 * h * w]
        return pairs.take(self._groups[group], axis=1)

    def put(self, values: NDArray[Any], group: int, into: NDArray[Any]) -> None:
        """Inverse of `take`: fill one group of `into` [M, h, w], C-contiguous."""
        halves = np.split(values, [self._of_even_channels[group]], axis=1)
        for parity, half in enumerate(halves):  # of channels 2 j, of channels 2 j + 1
            lines = into[parity::2].reshape(len(half), *self._lines)  # a view
            dense = half.reshape(len(half), len(lines[0]), -1)
            for row in range(min(2, len(lines[0]))):
                lines[:, row::2, (parity + row + group) % 2 :: 2] = dense[:, row::2]

    def to_parity_order(self, raster: NDArray[Any]) -> NDArray[Any]:
        """Turn [C, h, w] into [C, h * w] with the even positions before the odd."""
        flat = raster.reshape(len(raster), -1)
        return flat.take(self._parity_order, axis=1)

    def to_raster(self, ordered: NDArray[Any]) -> NDArray[Any]:
        """Turn [C, h * w] in parity order back into [C, h, w]."""
        raster = ordered.take(self._raster_order, axis=1)
        return raster.reshape(len(ordered), self.height, self.width)
