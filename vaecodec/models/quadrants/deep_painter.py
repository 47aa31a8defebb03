"""Images of more than 8 bits, drawn by a painter of 8.

A painter ends with sums that it narrows to 0..255 and lays out as an image. The same
operations without the narrowing make an image of sums, which are integers and count
fractions of a level: samples of every depth follow from them exactly.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from vaecodec.errors import ModelError
from vaecodec.models.architecture import Pixels, Quality
from vaecodec.models.depth import exact_samples_of
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.feeds import Feeds
from vaecodec.models.exact.operations import Narrow, Operation, Shuffle
from vaecodec.models.exact.program import Program

IMAGE, SUMS = "image", "image_sums"


class Ending(NamedTuple):
    """The last operations of a painter: a narrowing, and shuffles, in their order."""

    narrow: Narrow
    shuffles: list[Shuffle]


class DeepPainter:
    """Draws images of any depth.

    Args:
        painter: draws those of 8 bits.

    Raises:
        ModelError: Its sums are not to be had.
    """

    def __init__(self, painter: ExactEngine) -> None:
        found = ending(painter.program)
        if found is None:
            raise ModelError("a painter that does not narrow sums draws 8 bits only")
        self._engine = painter.twin(_with_sums(painter.program, found))
        self._unit = 2.0 ** -int(found.narrow.shift[0])  # levels that a sum of 1 is

    def draw(self, feeds: Feeds, quality: Quality, depth: int) -> Pixels:
        """The inputs of the painter -> image [H, W, 3]."""
        [sums] = self._engine.run(feeds, quality).values()
        return exact_samples_of(sums.transpose(1, 2, 0), depth, unit=self._unit)


def ending(painter: Program) -> Ending | None:
    """How a painter makes its image of sums; None if it does so in any other way."""
    makers: dict[str, Operation] = {each.out: each for each in painter.operations}
    shuffles: list[Shuffle] = []
    last = makers.get(IMAGE)
    while isinstance(last, Shuffle):
        shuffles.insert(0, last)
        last = makers.get(last.source)
    if isinstance(last, Narrow) and last.shift.size == 1:
        return Ending(last, shuffles)
    return None


def _with_sums(painter: Program, found: Ending) -> Program:
    """The painter without its narrowing, whose only output is an image of sums."""
    kept = [
        each
        for each in painter.operations
        if each not in (found.narrow, *found.shuffles)
    ]
    out = found.narrow.source
    for number, shuffle in enumerate(found.shuffles):
        source, out = out, f"{SUMS}{number}"
        kept.append(replace(shuffle, source=source, out=out))
    return Program(painter.inputs, tuple(kept), (out,))
