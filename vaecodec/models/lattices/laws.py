"""The laws of values: discretised logistics in integers, times what colours occur.

A law covers a window of values around its mean, more of them the wider it is. The
outermost values of a window also stand for all beyond. Columns before and behind the
window are reserved: they have the smallest share there is and never occur, so that
every symbol lies between two others.

Everything is an integer; float64, which the coder is given in the end, holds them
exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from vaecodec.entropy.ans import EACH_TOTAL
from vaecodec.models.exact.interfaces import take_between
from vaecodec.models.lattices.names import HALF_LAW, INVERSE_SCALES

ROWS = 80  # scales 2**(row / 8 - 4)
ROW_BITS, FIRST_OCTAVE = 5, 4 << 8  # of scales in 2**-8 octaves
PHASES, PHASE_BITS = 8, 5  # of means in 2**-8 levels
WINDOWS = (16, 32, 64, 128, 256)
LAST_ROWS = (32, 40, 48, 56, ROWS - 1)  # of each window: 8 times the scale fits
BATCH = 1 << 17  # entries of laws that are made at once
LARGEST_WEIGHT = 49 << 8  # products of laws and weights stay below 2**30
FINEST = 1 << 20  # inverse of the smallest scale
HALF = 1 << 15  # of the total of a law
STEPS = 1024  # of half a cumulative law, up to 16 times the scale
_STEP_BITS = 14
_QUOTIENT_BITS = 28

Exact = NDArray[np.float64]  # whole numbers


class Batch(NamedTuple):
    """Laws of some values.

    Attributes:
        places: of the values among those of the step [n].
        first: value of column 0 [n].
        shares: of every column, less one, in 2**-24; float64 [n, window + 2].
    """

    places: NDArray[np.intp]
    first: NDArray[np.int32]
    shares: Exact


class Weights(NamedTuple):
    """What laws are multiplied with: entries side by side, and where value 0 is.

    Attributes:
        entries: float64 [m], whole numbers 0..2**14.
        zero: index of value 0 for each value of the step, or for all, [n] or [1].
    """

    entries: Exact
    zero: NDArray[np.int32]


class Laws:
    """Laws for every row of scales and phase of means.

    Args:
        half: uint16 [1025], P(0 < x <= k / 64) of the logistic law in 2**-16.
        inverse: int32 [80], 2**16 / scale for every row.
    """

    def __init__(self, half: NDArray[np.uint16], inverse: NDArray[np.int32]) -> None:
        self._half, self._inverse = half.astype(np.int64), inverse.astype(np.int64)
        first = 0
        self._tables = []
        for window, last in zip(WINDOWS, LAST_ROWS, strict=True):
            rows = slice(first, last + 1)
            self._tables.append((first, self._table(self._inverse[rows], window)))
            first = last + 1

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Laws:
        """Read ``laws.half`` and ``laws.inverse``.

        Raises:
            ModelError: It does not fit.
        """
        half = take_between(tensors, HALF_LAW, np.uint16, [STEPS + 1], (0, HALF))
        inverse = take_between(tensors, INVERSE_SCALES, np.int32, [ROWS], (1, FINEST))
        return cls(half, inverse)

    def batches(
        self, means: NDArray[np.int32], scales: NDArray[np.int32], weights: Weights
    ) -> Iterator[Batch]:
        """Yield the laws of values, in the order in which they are coded.

        Args:
            means: in 2**-8 levels, 0..65535 [n].
            scales: logarithms to base 2 in 2**-8 [n].
            weights: by value.
        """
        rows = (scales + (FIRST_OCTAVE + (1 << ROW_BITS >> 1))) >> ROW_BITS
        rows = rows.clip(0, ROWS - 1)
        kinds = np.searchsorted(LAST_ROWS, rows)
        order = np.argsort(kinds, kind="stable")
        ends = np.cumsum(np.bincount(kinds, minlength=len(WINDOWS))).tolist()
        zero = np.broadcast_to(weights.zero, means.shape)
        start = 0
        for window, (row, table), end in zip(WINDOWS, self._tables, ends, strict=True):
            views = sliding_window_view(weights.entries, window + 2)
            for begin in range(start, end, BATCH // window):
                places = order[begin : min(end, begin + BATCH // window)]
                mean = means.take(places)
                phase = mean >> PHASE_BITS & PHASES - 1
                laws = table.take((rows.take(places) - row) * PHASES + phase, axis=0)
                first = (mean >> 8) - window // 2
                laws *= views[zero.take(places) + first]
                yield Batch(places, first, _shares(laws))
            start = end

    def _table(self, inverse: NDArray[np.int64], window: int) -> Exact:
        """Laws [rows x phases, window + 2], reserved columns 0."""
        edges = 16 * (np.arange(window + 1) - window // 2 + 1) - 8
        phases = 2 * np.arange(PHASES) + 1
        cumulative = self._cumulative(edges - phases[:, None], inverse[:, None, None])
        cumulative[..., 0], cumulative[..., -1] = 0, 2 * HALF
        laws = np.zeros((len(inverse), PHASES, window + 2))
        laws[..., 1:-1] = np.diff(cumulative)
        return laws.reshape(-1, window + 2)

    def _cumulative(
        self, sixteenths: NDArray[np.int64], inverse: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        steps = np.minimum(np.abs(sixteenths) * inverse >> _STEP_BITS, STEPS)
        found: NDArray[np.int64] = HALF + np.sign(sixteenths) * self._half[steps]
        return found


def _shares(laws: Exact) -> Exact:
    """Share out what the coder has, in proportion; in place."""
    _, columns = laws.shape
    free = EACH_TOTAL - columns  # every column has one share for certain
    quotients = (free << _QUOTIENT_BITS) // laws.sum(1).astype(np.int64)
    laws *= (quotients * 2.0**-_QUOTIENT_BITS)[:, None]
    np.floor(laws, out=laws)
    laws[:, columns // 2 - 1] += free - laws.sum(1)
    return laws
