"""The asymmetric numeral system (ANS) of constriction, a compiled library.

In come symbols and tables, out go 32-bit words, and back. This is the only import of
constriction. Its floating-point tables are made so that no rounding happens: the
frequencies, less one, are whole numbers in float64 and the library adds the one back.
What cannot go through Python exceptions safely (counts that do not fit into memory)
is bounded by the callers. The twin in plain Python is ``ans_python``.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import constriction
import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import FormatError

_RAW_BITS = constriction.stream.model.Uniform()
_EACH = constriction.stream.model.Categorical(perfect=False)
_TOTAL = 1 << 24


class ConstrictionCoder:
    """A stack of symbols: what was pushed last is popped first."""

    def __init__(self, words: NDArray[np.uint32]) -> None:
        """Start from ``words``, oldest first; the last one must not be 0."""
        self._coder = constriction.stream.stack.AnsCoder(words)

    @staticmethod
    def make_table(frequencies: NDArray[np.uint32]) -> Any:
        """Prepare frequencies (two or more, each at least 1, sum 65536)."""
        exact = (frequencies.astype(np.int64) << 8) - 1  # 24 bits, less one
        return constriction.stream.model.Categorical(
            exact.astype(np.float64), perfect=False
        )

    def push(self, symbols: NDArray[np.int32], table: Any) -> None:
        """Push ``symbols`` so that ``pop`` returns them in the same order."""
        self._coder.encode_reverse(symbols, table)

    def pop(self, count: int, table: Any) -> NDArray[np.int32]:
        """Return the next ``count`` symbols; garbage in is garbage out."""
        with _PANIC_REFUSED:
            symbols: NDArray[np.int32] = self._coder.decode(table, count)
        return symbols

    def push_bits(self, values: NDArray[np.int32], widths: NDArray[np.int32]) -> None:
        """Push numbers of ``widths`` (1..15) bits so that ``pop_bits`` keeps order."""
        self._coder.encode_reverse(values, _RAW_BITS, _sizes(widths))

    def pop_bits(self, widths: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the next numbers, of ``widths`` (1..15) bits."""
        with _PANIC_REFUSED:
            values: NDArray[np.int32] = self._coder.decode(_RAW_BITS, _sizes(widths))
        return values

    def push_shares(self, starts: NDArray[np.int32], shares: NDArray[np.int32]) -> None:
        """Push symbols, each as its part of a law: from ``start``, ``share`` wide.

        Parts are in 2**-24, share at least 1; none holds the first or last of them.
        """
        law = np.stack([starts, shares, _TOTAL - starts - shares], axis=1) - 1
        middle = np.ones(len(starts), np.int32)
        self._coder.encode_reverse(middle, _EACH, law.astype(np.float64))

    def pop_each(self, laws: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the next symbols, each under a law of its own.

        Args:
            laws: shares of symbols in 2**-24, less one: whole numbers, [n, symbols],
                whose rows sum to 2**24 - symbols.
        """
        with _PANIC_REFUSED:
            symbols: NDArray[np.int32] = self._coder.decode(_EACH, laws)
        return symbols

    def words(self) -> NDArray[np.uint32]:
        """Return the stack, oldest word first; the last one is not 0."""
        words: NDArray[np.uint32] = self._coder.get_compressed()
        return words


def _sizes(widths: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.left_shift(np.int32(1), widths, dtype=np.int32)


class _PanicRefused:
    """Turns a panic of the library, which is no Exception, into a FormatError.

    One for all calls: `contextlib` would take as long as a short call.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None and kind.__name__ == "PanicException":
            raise FormatError(f"a tile payload cannot be decoded: {error}") from error


_PANIC_REFUSED = _PanicRefused()
