"""One of the four steps of the latent: what is computed before and after its symbols.

Arrays are [rows, columns, 4, M / 4], see `quarters`. Latents and their means are whole
multiples of what a channel counts in; float32 holds them exactly.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES, Indexes, Quality
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.feeds import Feeds
from vaecodec.models.exact.interfaces import (
    Tensors,
    check_program,
    check_takes,
    take_between,
)
from vaecodec.models.quadrants.parts import STEPS
from vaecodec.models.quadrants.quarters import PLACES, SQUARE_PIXELS, by_place
from vaecodec.models.quadrants.rounding import (
    MOST_SHIFT,
    OFFSET_LIMIT,
    Floats,
    clamped,
    divided,
    row_offsets,
    table_rows,
    units,
)
from vaecodec.models.quality import at_positions
from vaecodec.models.sizes import CELL, HYPER_LIMIT, PATCH

Range = tuple[int, int]

LATENT_LIMIT = 2**14
WIDTH_UNIT = np.float32(2.0**-9)  # widths of steps are multiples of it
SHIFTS = -MOST_SHIFT, MOST_SHIFT
OFFSETS = -OFFSET_LIMIT, OFFSET_LIMIT
NARROW = -128, 127
NONE = 0, 0
NOT_NEGATIVE = 0, 2**31 - 1


class LatentPrediction(NamedTuple):
    """What is known of a step before its symbols are.

    Attributes:
        context: for the next step [P, h, w].
        means: whole numbers.
        rows: of the frequency tables.
        base: what the first step tells all others [4 P, h / 2, w / 2].
    """

    context: Floats
    means: Floats
    rows: Indexes
    base: NDArray[Any]


class LatentStep:
    """One step; may be shared between threads.

    Args:
        number: 0..3.
        tensors: of a model file.
        hyper_channels: Z.
        threads: of the engine; None takes all cores.

    Raises:
        ModelError: The tensors do not fit.
    """

    def __init__(
        self, number: int, tensors: Tensors, hyper_channels: int, *, threads: int | None
    ) -> None:
        def take(field: str, dtype: Any, shape: list[int], between: Range) -> Any:
            return take_between(tensors, f"latent.{field}", dtype, shape, between)

        limits = latent_limits(tensors)
        channels = limits.size
        places = [len(STEPS), len(PLACES), channels // len(PLACES)]
        shifts = take("mean_shifts", np.int8, places, SHIFTS)
        offsets = take("offsets", np.int32, [len(STEPS), QUALITIES, channels], OFFSETS)
        normal_shifts = take("normal_shifts", np.int8, [channels], SHIFTS)
        self._unit = units(shifts[number])
        self._offsets = by_place(row_offsets(offsets[number]), number)
        self._widths = by_place(latent_widths(tensors, channels), number)
        self._limits = by_place(limits.astype(np.float32), number)
        self._normal_unit = by_place(units(normal_shifts), number)
        self._magnitudes = take("magnitudes", np.int8, [16], NARROW)
        self._engine = ExactEngine.from_tensors(STEPS[number], tensors, threads=threads)
        self._between = self._check_program(number, channels, hyper_channels)

    def predict(self, given: Feeds, quality: Quality) -> LatentPrediction:
        """Run the program of the step; `given` are its inputs."""
        outputs = self._engine.run(given, quality)
        sums = outputs["both"].transpose(1, 2, 0)
        both = sums.reshape(*sums.shape[:2], len(PLACES), 2, -1)
        return LatentPrediction(
            outputs["context"],
            divided(both[..., 0, :], self._unit, self._limits),
            table_rows(
                both[..., 1, :], self._offsets[at_positions(quality, SQUARE_PIXELS)]
            ),
            (outputs if "base" in outputs else given)["base"],
        )

    def latents(
        self, means: Floats, symbols: NDArray[np.int16], quality: Quality
    ) -> Floats:
        """What the symbols stand for: whole numbers."""
        # A product of 2**24 or more, which is inexact, is a change by 2**15 or more: it
        # leads beyond the limits, whatever the mean is.
        latents = symbols * self._widths[at_positions(quality, SQUARE_PIXELS)]
        np.rint(latents, out=latents)
        latents += means
        return clamped(latents, self._limits)

    def known(self, latents: Floats, symbols: NDArray[np.int16]) -> NDArray[np.int8]:
        """What the next step is told of this one: its input [2 M, rows, columns]."""
        rows, columns, places, channels = latents.shape
        known = np.empty((rows, columns, places, 2, channels), np.int8)
        normal = latents * self._normal_unit
        np.rint(normal, out=normal)
        np.clip(normal, *NARROW, out=normal)
        known[..., 0, :] = normal
        # Beyond the last magnitude it is the last.
        known[..., 1, :] = self._magnitudes.take(np.abs(symbols), mode="clip")
        return known.reshape(rows, columns, -1).transpose(2, 0, 1)

    def limited(self, features: Floats) -> Floats:
        """The context of the step before, clamped in place to what this one takes."""
        np.clip(features, *self._between, out=features)
        return features

    @property
    def feature_channels(self) -> int:
        """P."""
        return self._engine.program.facts["context"].channels

    def _check_program(self, number: int, channels: int, hyper_channels: int) -> Range:
        """Pass the program of the step; returns between what its features may lie."""
        name, program = STEPS[number], self._engine.program
        width = program.facts["context"].channels if "context" in program.facts else 0
        square, context = SQUARE_PIXELS, (width, PATCH, Kind.WIDE)
        base = {"base": (len(PLACES) * width, square, Kind.SIGNED)}
        outputs = {"context": context, "both": (2 * channels, square, Kind.WIDE)}
        if number == 0:
            inputs = {"hyper": (hyper_channels, CELL, Kind.SIGNED)}
            check_program(name, program, inputs=inputs, outputs=outputs | base)
            check_takes(name, program, "hyper", -HYPER_LIMIT, HYPER_LIMIT)
            return NONE
        known = {"known": (2 * channels, square, Kind.SIGNED), "features": context}
        check_program(name, program, inputs=known | base, outputs=outputs)
        check_takes(name, program, "base", *NARROW)
        check_takes(name, program, "known", *NARROW)
        [between] = [
            (given.low, given.high)
            for given in program.inputs
            if given.name == "features"
        ]
        check_takes(name, program, "features", *between)
        return between


def latent_limits(tensors: Tensors) -> NDArray[np.int16]:
    """Largest magnitudes of latents [M].

    Raises:
        ModelError: There are none, or M is no multiple of 4.
    """
    limits = take_between(tensors, "latent.limits", np.int16, [None], (0, LATENT_LIMIT))
    if limits.size % len(PLACES):
        raise ModelError(f"{limits.size} latent channels, expected a multiple of 4")
    return limits


def latent_widths(tensors: Tensors, channels: int) -> Floats:
    """Widths of steps [101, M].

    Raises:
        ModelError: There are none for so many channels.
    """
    shape = [QUALITIES, channels]
    widths = take_between(tensors, "latent.widths", np.int32, shape, NOT_NEGATIVE)
    return widths.astype(np.float32) * WIDTH_UNIT
