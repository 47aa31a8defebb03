"""Architectures whose painters can be followed backwards, for senders that search.

A sender that wants to know what a change of its symbols does to the image asks the
painter for slopes: how a measure of the image changes with each latent. Receivers need
none of this, and no architecture has to offer it.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from vaecodec.models.architecture import Floats, Quality, Symbols


class Painting(Protocol):
    """A window on its way from the symbols of the last plane to levels, and back."""

    def levels(self, symbols: Floats) -> Floats:
        """Symbols of the last plane [C, r, c], maybe no integers -> levels [C, H, W].

        Not limited to 0..255, and those that `paint` rounds but for the last digits.
        """

    def slopes(self, along: Floats) -> Floats:
        """How a measure changes with each symbol [C, r, c].

        Args:
            along: how it changes with the levels that were painted last, [C, H, W].
        """


@runtime_checkable
class Differentiable(Protocol):
    """An `Architecture` that offers it."""

    def painting(self, known: Symbols, quality: Quality) -> Painting:
        """Begin with the symbols of a window, those of the last plane aside.

        `quality` is the same everywhere, [1, 1].
        """

    def lmbda(self, quality: int) -> float:
        """Bits per pixel that a squared error of 1 in all levels is worth."""
