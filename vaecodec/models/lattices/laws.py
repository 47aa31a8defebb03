"""The laws of values: discretised logistics in integers, times what colours occur.

A law covers a window of values around its mean, more of them the wider it is. The
outermost values of a window also stand for all beyond. Columns before and behind the
window are reserved: they have the smallest share there is and never occur, so that
every symbol lies between two others.

Everything is an integer; float64, which the coder is given in the end, holds them
and their sums exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from vaecodec.entropy.coder import EACH_TOTAL
from vaecodec.models.exact.interfaces import take_between
from vaecodec.models.lattices.names import HALF_LAW, INVERSE_SCALES

ROWS = 80  # scales 2**(row / 8 - 4)
ROW_BITS, FIRST_OCTAVE = 5, 4 << 8  # of scales in 2**-8 octaves
PHASES, PHASE_BITS = 8, 5  # of means in 2**-8 levels
WINDOWS = (16, 24, 32, 48, 64, 96, 128, 256)
LAST_ROWS = (32, 36, 40, 44, 48, 52, 56, ROWS - 1)  # 8 times the scale fits, or nearly
BATCH = 1 << 17  # entries of laws that are made at once
ALIKE = 1 << 8  # weight of what is neither more nor less frequent
LARGEST_WEIGHT = 49 * ALIKE  # sums of products of laws and weights stay below 2**30
FINEST = 1 << 20  # inverse of the smallest scale
HALF = 1 << 15  # of the total of a law
STEPS = 1024  # of half a cumulative law, up to 16 times the scale
_STEP_BITS = 14
_QUOTIENT_BITS = 28

Exact = NDArray[np.float64]  # whole numbers
Whole = NDArray[np.int32]


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
        entries: int32 [m], 0..2**14.
        zero: index of value 0 for each value of the step, or for all, [n] or [1].
        alike: values 0..alike all have the weight `ALIKE`; -1 if that is not known.
    """

    entries: Whole
    zero: NDArray[np.int32]
    alike: int = -1


@dataclass(frozen=True, eq=False)
class _Table:
    """Laws of some rows of scales, which have one window.

    Attributes:
        row: the first.
        window: values of each law.
        laws: int32 [rows x phases, window + 2], reserved columns 0.
        alike: shares where all weights are alike.
    """

    row: int
    window: int
    laws: Whole
    alike: Exact

    def first(self, means: Whole) -> Whole:
        """Values of column 0."""
        found: Whole = (means >> 8) - self.window // 2
        return found

    def index(self, rows: Whole, means: Whole) -> Whole:
        """Which laws rows of scales and means have."""
        phases = means >> PHASE_BITS & PHASES - 1
        found: Whole = (rows - self.row) * PHASES + phases
        return found

    def beyond(self, first: Whole, alike: int) -> NDArray[np.intp]:
        """Places of windows that hold a value beyond 0..alike."""
        return np.flatnonzero((first < -1) | (first + self.window > alike))

    def shares(self, index: Whole, differ: NDArray[np.intp], around: Whole) -> Exact:
        """Shares [n, window + 2].

        Where weights are alike they are known already, which saves a third of the time.

        Args:
            index: of laws [n].
            differ: places where weights are not alike [m].
            around: weights of the windows there [m, window + 2].
        """
        weighed = _shares(self.laws.take(index.take(differ), axis=0) * around)
        if differ.size == index.size:
            return weighed
        found = self.alike.take(index, axis=0)
        found[differ] = weighed
        return found


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
            laws = self._laws(self._inverse[first : last + 1], window)
            self._tables.append(_Table(first, window, laws, _shares(laws * ALIKE)))
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
        for table, end in zip(self._tables, ends, strict=True):
            views = sliding_window_view(weights.entries, table.window + 2)
            most = BATCH // table.window
            for begin in range(start, end, most):
                places = order[begin : min(end, begin + most)]
                mean = means.take(places)
                first, index = table.first(mean), table.index(rows.take(places), mean)
                differ = table.beyond(first, weights.alike)
                around = views[(zero.take(places) + first).take(differ)]
                yield Batch(places, first, table.shares(index, differ, around))
            start = end

    def _laws(self, inverse: NDArray[np.int64], window: int) -> Whole:
        """Laws [rows x phases, window + 2], reserved columns 0."""
        edges = 16 * (np.arange(window + 1) - window // 2 + 1) - 8
        phases = 2 * np.arange(PHASES) + 1
        cumulative = self._cumulative(edges - phases[:, None], inverse[:, None, None])
        cumulative[..., 0], cumulative[..., -1] = 0, 2 * HALF
        laws = np.zeros((len(inverse), PHASES, window + 2), np.int32)
        laws[..., 1:-1] = np.diff(cumulative)
        return laws.reshape(-1, window + 2)

    def _cumulative(
        self, sixteenths: NDArray[np.int64], inverse: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        steps = np.minimum(np.abs(sixteenths) * inverse >> _STEP_BITS, STEPS)
        found: NDArray[np.int64] = HALF + np.sign(sixteenths) * self._half[steps]
        return found


def _shares(laws: Whole) -> Exact:
    """Share out what the coder has, in proportion to [n, columns]."""
    columns = laws.shape[1]
    free = EACH_TOTAL - columns  # every column has one share for certain
    shares = laws.astype(np.float64)
    sums = np.ones(columns)  # by a product of matrices, which is the fastest way
    quotients = (free << _QUOTIENT_BITS) // (shares @ sums).astype(np.int64)
    shares *= (quotients * 2.0**-_QUOTIENT_BITS)[:, None]
    np.floor(shares, out=shares)
    shares[:, columns // 2 - 1] += free - shares @ sums
    return shares
