"""Predictions for one tile: two halves of the hyper-latent, four steps of the latent.

In come the symbols that are known, out go rows of the frequency tables and means. What
the symbols stand for is kept: values of the hyper-latent, latents, and the features
that steps hand on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Prediction, Quality, Step, Symbols
from vaecodec.models.quadrants.hyper_prior import (
    SYMBOL_LIMITS,
    half,
    half_lattices,
    with_means,
)
from vaecodec.models.quadrants.latent_step import LatentPrediction
from vaecodec.models.quadrants.prior import Prior
from vaecodec.models.quadrants.quarters import ORDER, Squares, lattices
from vaecodec.models.sizes import HYPER_STEP

HYPER, LATENT = 0, 1  # planes
HALVES = 2  # steps of the hyper-latent
NAMES = ("hyper, first half", "hyper, second half")


def steps() -> tuple[Step, ...]:
    """The steps of this architecture."""
    halves = (
        Step(NAMES[number], HYPER, half_lattices(number), SYMBOL_LIMITS[number])
        for number in range(HALVES)
    )
    latent = (
        Step(f"latent, step {number + 1}", LATENT, lattices(number))
        for number in range(len(ORDER))
    )
    return *halves, *latent


class QuadrantPredictor:
    """One tile of [h, w] latent positions; see `TilePredictor`.

    Args:
        prior: of the model.
        shape: h and w.
        quality: of the tile.
    """

    def __init__(self, prior: Prior, shape: tuple[int, int], quality: Quality) -> None:
        self._prior, self._quality = prior, quality
        self._squares = Squares(*shape)
        rows, columns = (-(-side // HYPER_STEP) for side in shape)
        self._halves = [
            half((rows, columns, prior.hyper.channels), number)
            for number in range(HALVES)
        ]
        self._values = np.zeros(self._halves[0].shape, np.int16)  # [R, C, Z]
        self._latents: dict[int, NDArray[np.int16]] = {}  # of each step
        self._hyper_means: NDArray[np.float32]
        self._before: LatentPrediction  # of the step before

    def predict(self, step: int, known: Symbols) -> Prediction:
        """Rows of a step, and means for the sender."""
        hyper, latent = known
        if step < HALVES:
            return self._predict_hyper(step, hyper)
        number = step - HALVES
        given = self._given(number, hyper, latent)
        self._before = found = self._prior.steps[number].predict(given, self._quality)

        def means() -> NDArray[np.float32]:
            gains = self._prior.gains(number, self._quality)
            return self._squares.coded(found.means * gains)

        return Prediction(self._squares.coded(found.rows), means)

    def gather(self, step: int, values: NDArray[Any]) -> NDArray[Any]:
        """[C, r, c] -> [n]."""
        if step < HALVES:
            return values.transpose(1, 2, 0)[self._halves[step]]
        return self._squares.coded(self._squares.take(values, step - HALVES))

    def scatter(self, step: int, symbols: NDArray[Any], into: NDArray[Any]) -> None:
        """[n] -> their places in [C, r, c]."""
        if step < HALVES:
            into.transpose(1, 2, 0)[self._halves[step]] = symbols
        else:
            taken = self._squares.uncoded(symbols)
            self._squares.put(taken, step - HALVES, into)

    def latents(self, known: Symbols) -> Symbols:
        """Values of the hyper-latent, and latents of whole cells."""
        _, latent = known
        self._settle(len(ORDER) - 1, latent)
        latents = self._squares.joined([self._latents[n] for n in range(len(ORDER))])
        return Symbols((self._values.transpose(2, 0, 1), latents))

    def _predict_hyper(self, step: int, symbols: NDArray[np.int16]) -> Prediction:
        shape = self._values.shape
        if step == 0:
            rows = self._prior.hyper.first_rows(self._quality)
            return Prediction(np.broadcast_to(rows, shape)[self._halves[0]])
        first, second = self._halves
        self._values[first] = symbols.transpose(1, 2, 0)[first]
        means, rows = self._prior.hyper.second(self._values, self._quality)
        self._hyper_means = means[second]
        return Prediction(rows[second], lambda: self._hyper_means)

    def _given(
        self, number: int, hyper: NDArray[np.int16], latent: NDArray[np.int16]
    ) -> dict[str, NDArray[Any]]:
        """What the program of a step of the latent is given."""
        if number == 0:
            second = self._halves[1]
            symbols = hyper.transpose(1, 2, 0)[second]
            self._values[second] = with_means(symbols, self._hyper_means)
            return {"hyper": self._values.transpose(2, 0, 1)}
        before, steps = self._before, self._prior.steps
        features = steps[number].limited(before.context)
        known = steps[number - 1].known(*self._settle(number - 1, latent))
        return {"base": before.base, "features": features, "known": known}

    def _settle(
        self, number: int, plane: NDArray[np.int16]
    ) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
        """Keep the latents of a step; returns them and their symbols."""
        symbols = self._squares.take(plane, number)
        latents = self._prior.steps[number].latents(
            self._before.means, symbols, self._quality
        )
        self._latents[number] = latents.astype(np.int16)
        return latents, symbols
