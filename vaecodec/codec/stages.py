"""Steps of a walk along an image, each of which asks the one before for what it needs.

An image is walked along its longer side, so that what is in flight lies across its
shorter one. A step works on parts (windows or tiles) in the order of the walk, and
only when the next step cannot go on without them: nothing is done too early, and what
lies behind the last step can be forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from vaecodec.format.header import ImageHeader


class Part(Protocol):
    """A window or a tile."""

    def start(self, along: int) -> int:
        """First cell on axis 0 (rows) or 1 (columns)."""


P = TypeVar("P", bound=Part)


def longer_side(header: ImageHeader) -> int:
    """The axis along which an image is walked: 0 downwards, 1 to the right."""
    return int(header.width > header.height)


def in_order(parts: Iterable[P], along: int) -> list[P]:
    """Parts in the order of the walk; those side by side stay in their own."""
    return sorted(parts, key=lambda part: part.start(along))


class Stage(Generic[P]):
    """One step of the walk.

    Args:
        parts: what it has to work on.
        work: what it does with a part.
        along: the axis of the walk.
    """

    def __init__(
        self, parts: Iterable[P], work: Callable[[P], None], *, along: int
    ) -> None:
        self._waiting = deque(in_order(parts, along))
        self._work = work
        self._along = along

    def reach(self, cell: int) -> None:
        """Work on every part that begins before `cell` and still waits."""
        while self._waiting and self._waiting[0].start(self._along) < cell:
            self._work(self._waiting.popleft())
