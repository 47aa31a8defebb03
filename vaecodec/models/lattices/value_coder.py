"""Values with a law each <-> bytes.

In come batches of laws, in the order in which the decoder will ask for them; out goes
one stack of the asymmetric numeral system, and back. The outermost values of a window
are followed by how far beyond them a value lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.coder import Coder
from vaecodec.entropy.excess import pop_excess, push_excess
from vaecodec.entropy.frequency_tables import CLASS_FREQUENCIES
from vaecodec.errors import FormatError
from vaecodec.models.lattices.laws import Batch

_BOTTOM = 1  # word at the bottom of the stack

Values = NDArray[np.int32]


class ValueCoder(Protocol):
    """Codes the samples of one colour of a step."""

    def code(self, batches: Iterator[Batch], values: Values) -> Values:
        """Return the values [n]; those given are only read by encoders."""


class ValueEncoder:
    """Collects values, then writes them as bytes."""

    def __init__(self, coder: type[Coder]) -> None:
        self._coder = coder
        self._batches: list[tuple[Values, Values, Values]] = []

    def code(self, batches: Iterator[Batch], values: Values) -> Values:
        """Add the values [n] of one colour of a step."""
        for batch in batches:
            self._batches.append(_parts(batch, values.take(batch.places)))
        return values

    def finish(self) -> bytes:
        """The bytes of all values."""
        coder = self._coder(np.array([_BOTTOM], np.uint32))
        classes = self._coder.make_table(CLASS_FREQUENCIES)
        for starts, shares, excess in reversed(self._batches):
            push_excess(coder, excess, classes)
            coder.push_shares(starts, shares)
        return coder.words().astype("<u4").tobytes().rstrip(b"\0")


class ValueDecoder:
    """Reads values from bytes.

    Args:
        data: of all values.
        coder: that reads it.
        greatest: value that there is.

    Raises:
        FormatError: The bytes are no stack.
    """

    def __init__(self, data: bytes, coder: type[Coder], *, greatest: int) -> None:
        self._greatest = greatest
        if not data or data[-1] == 0:
            raise FormatError("lossless tile: no values, or a zero byte behind them")
        words = np.frombuffer(data + bytes(-len(data) % 4), "<u4")
        self._coder = coder(words.astype(np.uint32))
        self._classes = coder.make_table(CLASS_FREQUENCIES)

    def code(self, batches: Iterator[Batch], values: Values) -> Values:
        """Read the values [n] of one colour of a step.

        Raises:
            FormatError: One is not in 0..`greatest`.
        """
        found = np.empty_like(values)
        for batch in batches:
            found[batch.places] = self._read(batch)
        if found.size and not 0 <= found.min() <= found.max() <= self._greatest:
            raise FormatError(f"lossless tile: a number not in 0..{self._greatest}")
        return found

    def finish(self) -> None:
        """Check that nothing is left.

        Raises:
            FormatError: Something is; the values returned so far are wrong.
        """
        if self._coder.words().tolist() != [_BOTTOM]:
            raise FormatError("lossless tile: values are damaged")

    def _read(self, batch: Batch) -> Values:
        columns = self._coder.pop_each(batch.shares)
        values = batch.first + columns
        outer = np.flatnonzero(_is_outermost(columns, batch))
        excess = pop_excess(self._coder, outer.size, self._classes)
        values[outer] += np.where(columns[outer] <= 1, -excess, excess)
        return values


def _parts(batch: Batch, values: Values) -> tuple[Values, Values, Values]:
    """Starts and shares of values, and how far some lie beyond the ends of windows."""
    window = batch.shares.shape[1] - 2
    wanted = values - batch.first
    columns = np.clip(wanted, 1, window)
    places = np.arange(0, batch.shares.size, window + 2) + columns
    flat = batch.shares.ravel()
    bounds = np.stack([places - columns, places], 1).ravel()
    starts = np.add.reduceat(flat, bounds)[::2] + columns
    shares = flat.take(places) + 1
    excess = np.abs(wanted - columns)[_is_outermost(columns, batch)]
    return starts.astype(np.int32), shares.astype(np.int32), excess


def _is_outermost(columns: Values, batch: Batch) -> NDArray[np.bool_]:
    last = batch.shares.shape[1] - 2
    found: NDArray[np.bool_] = (columns <= 1) | (columns >= last)
    return found
