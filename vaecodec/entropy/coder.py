"""The stack that symbols are pushed on, and which implementation of it there is.

In: symbols and their tables; out: words of 32 bits, and back. Two implementations give
the same words: constriction's and one in plain Python.
"""

from __future__ import annotations

import functools
import sys
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

EACH_TOTAL = 1 << 24  # of the shares of symbols that have a law each


class Coder(Protocol):
    """A stack of symbols: what was pushed last is popped first."""

    def __init__(self, words: NDArray[np.uint32]) -> None:
        """Start from ``words``, oldest first; the last one must not be 0."""

    @staticmethod
    def make_table(frequencies: NDArray[np.uint32]) -> Any:
        """Prepare frequencies (two or more, each at least 1, sum 65536)."""

    def push(self, symbols: NDArray[np.int32], table: Any) -> None:
        """Push ``symbols`` so that ``pop`` returns them in the same order."""

    def pop(self, count: int, table: Any) -> NDArray[np.int32]:
        """Return the next ``count`` symbols; garbage in is garbage out."""

    def push_bits(self, values: NDArray[np.int32], widths: NDArray[np.int32]) -> None:
        """Push numbers of ``widths`` (1..15) bits so that ``pop_bits`` keeps order."""

    def pop_bits(self, widths: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the next numbers, of ``widths`` (1..15) bits."""

    def push_shares(self, starts: NDArray[np.int32], shares: NDArray[np.int32]) -> None:
        """Push symbols, each as its part of a law: from ``start``, ``share`` wide.

        Parts are in 2**-24, share at least 1; none holds the first or last of them.
        """

    def pop_each(self, laws: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the next symbols, each under a law of its own.

        Args:
            laws: shares of symbols in 2**-24, less one: whole numbers, [n, symbols],
                whose rows sum to 2**24 - symbols.
        """

    def words(self) -> NDArray[np.uint32]:
        """Return the stack, oldest word first; the last one is not 0."""


@functools.lru_cache(maxsize=1)
def default_coder() -> type[Coder]:
    """Return constriction's coder, or the plain Python one with a note on stderr."""
    try:
        from vaecodec.entropy.ans_constriction import ConstrictionCoder
    except ImportError:
        from vaecodec.entropy.ans_python import PythonCoder

        note = "constriction is not installed; coding is slower, the bytes are the same"
        print(f"vaecodec: {note}", file=sys.stderr)
        return PythonCoder
    return ConstrictionCoder
