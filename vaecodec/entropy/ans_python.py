"""The asymmetric numeral system (ANS) in plain Python integers.

In come symbols and tables, out go the same 32-bit words as from ``ans_constriction``,
and back. It codes where that library has no build, about ten times slower, and it
is the readable definition of the stream: a 64-bit state over a stack of words, with
frequencies that sum to 2**24 (Duda, arXiv 1311.2540; format/FORMAT.md, section 5).
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

PRECISION = 24
_QUANTILE = (1 << PRECISION) - 1
_WORD = (1 << 32) - 1


class PythonCoder:
    """A stack of symbols: what was pushed last is popped first.

    The state stays at 2**32 or above while the stack has words.
    """

    def __init__(self, words: NDArray[np.uint32]) -> None:
        """Start from ``words``, oldest first; the last one must not be 0."""
        self._stack: list[int] = words.tolist()
        self._state = 0
        self._refill()
        self._refill()

    @staticmethod
    def make_table(frequencies: NDArray[np.uint32]) -> list[int]:
        """Return the starts of all symbols and the total, in units of 2**-24."""
        return list(accumulate((256 * int(f) for f in frequencies), initial=0))

    def push(self, symbols: NDArray[np.int32], table: list[int]) -> None:
        """Push ``symbols`` so that ``pop`` returns them in the same order."""
        for symbol in reversed(symbols.tolist()):
            self._push(table[symbol], table[symbol + 1] - table[symbol])

    def pop(self, count: int, table: list[int]) -> NDArray[np.int32]:
        """Return the next ``count`` symbols; garbage in is garbage out."""
        symbols = []
        for _ in range(count):
            symbol = bisect_right(table, self._state & _QUANTILE) - 1
            self._pop(table[symbol], table[symbol + 1] - table[symbol])
            symbols.append(symbol)
        return np.array(symbols, np.int32)

    def push_bits(self, values: NDArray[np.int32], widths: NDArray[np.int32]) -> None:
        """Push numbers of ``widths`` (1..15) bits so that ``pop_bits`` keeps order."""
        for value, width in zip(
            reversed(values.tolist()), reversed(widths.tolist()), strict=True
        ):
            share = 1 << (PRECISION - width)
            self._push(value * share, share)

    def pop_bits(self, widths: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the next numbers, of ``widths`` (1..15) bits."""
        values = []
        for width in widths.tolist():
            share = 1 << (PRECISION - width)
            values.append((self._state & _QUANTILE) // share)
            self._pop(values[-1] * share, share)
        return np.array(values, np.int32)

    def push_shares(self, starts: NDArray[np.int32], shares: NDArray[np.int32]) -> None:
        """Push symbols, each as its part of a law: from ``start``, ``share`` wide.

        Parts are in 2**-24, share at least 1; none holds the first or last of them.
        """
        for start, share in zip(
            starts[::-1].tolist(), shares[::-1].tolist(), strict=True
        ):
            self._push(start, share)

    def pop_each(self, laws: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the next symbols, each under a law of its own.

        Args:
            laws: shares of symbols in 2**-24, less one: whole numbers, [n, symbols],
                whose rows sum to 2**24 - symbols.
        """
        ends = np.cumsum(laws + 1, axis=1).astype(np.int64)
        symbols = []
        for row in ends:
            symbol = int(np.searchsorted(row, self._state & _QUANTILE, side="right"))
            start = int(row[symbol - 1]) if symbol else 0
            self._pop(start, int(row[symbol]) - start)
            symbols.append(symbol)
        return np.array(symbols, np.int32)

    def words(self) -> NDArray[np.uint32]:
        """Return the stack, oldest word first; the last one is not 0."""
        words, rest = list(self._stack), self._state
        while rest:
            words.append(rest & _WORD)
            rest >>= 32
        return np.array(words, np.uint32)

    def _push(self, start: int, frequency: int) -> None:
        if self._state >> (64 - PRECISION) >= frequency:
            self._stack.append(self._state & _WORD)
            self._state >>= 32
        rounds, rest = divmod(self._state, frequency)
        self._state = rounds << PRECISION | start + rest

    def _pop(self, start: int, frequency: int) -> None:
        quantile = self._state & _QUANTILE
        self._state = (self._state >> PRECISION) * frequency + quantile - start
        if self._state <= _WORD:
            self._refill()

    def _refill(self) -> None:
        if self._stack:
            self._state = self._state << 32 | self._stack.pop()
