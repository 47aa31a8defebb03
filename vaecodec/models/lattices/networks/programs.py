"""A trained model -> the exact programs of its steps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from vaecodec.models.exact.operations import Add, Input, Widen
from vaecodec.models.exact.program import Program
from vaecodec.models.lattices.geometry import CELL, neighbours
from vaecodec.models.lattices.names import DIFFERENCES, FEATURES, HEAD, SEEN
from vaecodec.models.lattices.neighbourhood import CLIP
from vaecodec.models.lattices.networks.step import CHANNELS, COLOURS, Step
from vaecodec.models.networks.exact_rounding import rows_of
from vaecodec.models.networks.layer_place import LayerPlace, block_places
from vaecodec.models.networks.program_builder import NO_SHIFT, Builder


@torch.no_grad()
def program(step: Step, number: int) -> Program:
    """The program of a step, 0..2.

    Raises:
        ModelError: A sum could become too large to be exact.
    """
    build = Builder({place.name: place for place in _places(step)})
    stream = step.block.stream
    news = build.wide(DIFFERENCES, "enter", stream)
    carried = build.wide(FEATURES, "carry", stream)
    begin = build.add(Add(news, carried, "stream", NO_SHIFT, NO_SHIFT))
    mixed = build.block(begin, step.block, "block")
    seen = build.narrow(mixed, step.before_leave, stream, SEEN)
    left, right = (
        _fine(build, source, name, step.head_unit)
        for source, name in ((seen, "leave"), (DIFFERENCES, "direct"))
    )
    head = build.add(Add(left, right, HEAD, NO_SHIFT, NO_SHIFT))
    return Program(_inputs(number), tuple(build.operations), (head, seen))


def _fine(build: Builder, source: str, name: str, unit: Tensor) -> str:
    """A layer with weights of 16 bits, which only wide sources may have."""
    wide = build.add(Widen(source, f"{name}_source", NO_SHIFT))
    return build.wide(wide, name, unit, dtype=np.int16)


def _inputs(number: int) -> tuple[Input, ...]:
    inputs = COLOURS * len(neighbours(number))
    return (
        Input(DIFFERENCES, inputs, -CLIP, CLIP, pixels=CELL, narrow=True),
        Input(FEATURES, CHANNELS, -128, 127, pixels=CELL, narrow=True),
    )


def _places(step: Step) -> Iterator[LayerPlace]:
    stream, head = rows_of(step.block.stream), step.head_rows
    seen = step.before_leave.exponent
    for name, exponent, rows in (
        ("enter", step.level_unit, stream),
        ("carry", step.given, stream),
        ("leave", seen, head),
        ("direct", step.level_unit, head),
    ):
        layer = getattr(step, name)
        yield LayerPlace(name, layer, f"step.{name}", exponent, rows)
    yield from block_places(step.block, "block", "step.block")
