"""The way through a picture that encoder and decoder share, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.lattices.colour_table import ColourTable
from vaecodec.models.lattices.geometry import (
    COARSEST,
    CODED,
    LEVELS,
    NEAREST,
    STEPS,
)
from vaecodec.models.lattices.head import (
    BITS,
    GREEN,
    ORDER,
    Numbers,
    head_numbers,
    law_of,
)
from vaecodec.models.lattices.laws import Laws
from vaecodec.models.lattices.multiples import Multiples
from vaecodec.models.lattices.names import DIFFERENCES, FEATURES, HEAD, SEEN
from vaecodec.models.lattices.neighbourhood import (
    Levels,
    Neighbourhood,
    cell_count,
    neighbourhood,
    part_of,
)
from vaecodec.models.lattices.value_coder import ValueCoder

Features = NDArray[np.int8]  # [C, h, w]


class _Part:
    """What is known of the pixels of a step [h, w, 3], which are coded in place."""

    def __init__(
        self,
        pixels: Levels,
        head: NDArray[np.float32],
        around: Neighbourhood,
        multiples: Multiples,
    ) -> None:
        height, width, _ = pixels.shape
        self.pixels, self.multiples = pixels, multiples
        self._head = head_numbers(head[:, :height, :width].reshape(len(head), -1))
        self._sums = around.sums[:, :height, :width].astype(np.int32)

    def law(self, place: int, errors: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
        """Means and scales of levels, of a place in the order of coding."""
        base = self._sums[ORDER[place]].ravel() << BITS >> NEAREST.bit_length() - 1
        return law_of(self._head, place, base, errors)

    def numbers(self, colour: int) -> Numbers:
        return self.multiples.numbers(self.pixels[..., colour]).ravel()

    def fill(self, colour: int, numbers: Numbers) -> Numbers:
        """Put in the numbers of a colour [n]; return their levels."""
        levels = self.multiples.levels(numbers)
        self.pixels[..., colour] = levels.reshape(self.pixels.shape[:2])
        return levels


class Walk:
    """Codes pictures, lattice by lattice. May be shared between threads.

    Args:
        engines: of the steps 0..2 of each level, finest first; the last of them are
            those of all coarser levels.
        laws: of the model.
    """

    def __init__(self, engines: Sequence[Sequence[ExactEngine]], laws: Laws) -> None:
        self._engines, self._laws = engines, laws

    def code(
        self, pixels: Levels, coder: ValueCoder, multiples: Multiples, *, gray: bool
    ) -> None:
        """Code pixels; a decoder fills in all but the coarsest lattice.

        Args:
            pixels: [H, W, 3], multiples; equal red, green and blue if gray.
            coder: of their numbers.
            multiples: of which largest error.
            gray: whether green is coded alone.
        """
        table = ColourTable(multiples.greatest)
        table.see(multiples.numbers(pixels[::COARSEST, ::COARSEST]))
        features: Features | None = None
        for level in reversed(range(LEVELS)):
            lattice = pixels[:: 1 << level, :: 1 << level]
            engines = self._engines[min(level, len(self._engines) - 1)]
            features = _grown(features, lattice, engines[0])
            for number in range(STEPS):
                part = part_of(lattice, CODED[number])
                if part.size:
                    around = neighbourhood(lattice, number)
                    head, features = _predict(engines[number], around, features)
                    coded = _Part(part, head, around, multiples)
                    self._code_part(coded, table, coder, ORDER[:1] if gray else ORDER)
                    table.see(multiples.numbers(part))

    def _code_part(
        self, part: _Part, table: ColourTable, coder: ValueCoder, colours: Sequence[int]
    ) -> None:
        """Code the pixels of one step, in place."""
        known: list[Numbers] = []
        errors: list[Numbers] = []
        for place, colour in enumerate(colours):
            means, scales = part.law(place, errors)
            weights = table.weights(known)
            batches = self._laws.batches(*part.multiples.law(means, scales), weights)
            values = coder.code(batches, part.numbers(colour))
            errors.append((part.fill(colour, values) << BITS) - means)
            known.append(values)
        if len(colours) < len(ORDER):
            part.pixels[...] = part.pixels[..., GREEN, None]


def _predict(
    engine: ExactEngine, around: Neighbourhood, features: Features
) -> tuple[NDArray[np.float32], Features]:
    feeds: Mapping[str, NDArray[Any]] = {
        DIFFERENCES: around.differences,
        FEATURES: features,
    }
    outputs = engine.run(feeds)
    return outputs[HEAD], outputs[SEEN]


def _grown(features: Features | None, lattice: Levels, engine: ExactEngine) -> Features:
    """Features for the cells of a lattice: those of the coarser one, twice as large."""
    height, width = cell_count(lattice)
    if features is None:
        channels = engine.program.facts[FEATURES].channels
        return np.zeros((height, width, channels), np.int8).transpose(2, 0, 1)
    last = features.transpose(1, 2, 0)
    twice = last.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.ascontiguousarray(twice).transpose(2, 0, 1)
