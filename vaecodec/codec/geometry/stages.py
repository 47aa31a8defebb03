"""Steps of a walk along an image, each of which asks the one before for what it needs.

An image is walked along its longer side, so that what is in flight lies across its
shorter one. A step works on lines of parts (windows or tiles) in the order of the walk,
and only when the next step cannot go on without them: nothing is done too early, and
what lies behind the last step can be dropped.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from vaecodec.format.header import ImageHeader


class Part(Protocol):
    """A window or a tile."""

    def start(self, along: int) -> int:
        """First pixel on axis 0 (rows) or 1 (columns)."""


P = TypeVar("P", bound=Part)


def longer_side(header: ImageHeader) -> int:
    """The axis along which an image is walked: 0 downwards, 1 to the right."""
    return int(header.width > header.height)


def lines(parts: Iterable[P], along: int) -> list[list[P]]:
    """Parts in the order of the walk; those that lie side by side are a line."""

    def start(part: P) -> int:
        return part.start(along)

    ordered = sorted(parts, key=start)
    return [list(line) for _, line in itertools.groupby(ordered, key=start)]


class Stage(Generic[P]):
    """One step of the walk: what is still to be worked on.

    Args:
        parts: what it has to work on.
        along: the axis of the walk.
    """

    def __init__(self, parts: Iterable[P], *, along: int) -> None:
        self._waiting = deque(lines(parts, along))
        self._along = along

    def due(self, pixel: int) -> Iterator[list[P]]:
        """Every line that begins before a pixel and still waits; it does so no more."""
        while self._waiting and self._waiting[0][0].start(self._along) < pixel:
            yield self._waiting.popleft()
