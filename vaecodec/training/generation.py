"""Images that a model makes up, wholly or in part.

A model is a hierarchical variational autoencoder, so it generates: the symbols of each
step are drawn from the tables that those before it choose, and the painter turns them
into an image. That is decoding random bits. When the first steps are those of a
picture, the others make variations of it; when all are those of latents between two
pictures, the image lies between them as well.

    symbols   of a picture: nearest to its latents  |  made up: drawn from the tables
    steps     first ........................ kept   |  kept + 1 .............. last
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.tile_coder import no_symbols
from vaecodec.entropy.frequency_tables import VALUE_LIMIT, TableSet
from vaecodec.models.architecture import (
    Architecture,
    Floats,
    Indexes,
    Integers,
    Pixels,
    Prediction,
    Symbols,
)

HOTTEST = 2.0
Latents = Sequence[Floats]  # in steps, [C, r, c] for each plane


@dataclass(frozen=True, eq=False)
class Dice:
    """Draws symbols from frequency tables.

    Attributes:
        random: where chance comes from.
        temperature: 0..2. Probabilities are taken to the power of 1 / temperature and
            scaled to a sum of 1 again; 0 takes the likeliest symbol, and of several the
            one nearest to 0.

    Raises:
        ValueError: There is no such temperature.
    """

    random: np.random.Generator
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= HOTTEST:
            raise ValueError(f"temperature {self.temperature}, allowed 0..{HOTTEST:g}")

    def draw(self, tables: TableSet, indexes: Indexes) -> Integers:
        """Independent symbols [n], each from the table of its index."""
        symbols = np.zeros(indexes.shape, np.int16)
        for index in np.unique(indexes):
            chances = self._chances(tables.rows[index])
            places = indexes == index
            values = np.arange(len(chances)) - len(chances) // 2
            count = np.count_nonzero(places)
            symbols[places] = self.random.choice(values, size=count, p=chances)
        return symbols

    def _chances(self, frequencies: NDArray[np.uint32]) -> NDArray[np.float64]:
        of_likeliest = frequencies / frequencies.max()
        if self.temperature == 0:
            distances = np.abs(np.arange(len(frequencies)) - len(frequencies) // 2)
            distances[of_likeliest < 1] = len(frequencies)
            return np.eye(len(frequencies))[distances.argmin()]
        powers = of_likeliest ** (1 / self.temperature)
        return powers / powers.sum()


class Generator:
    """Makes images of one quality, each as a single tile.

    Args:
        architecture: of a model.
        quality: 0..100.
    """

    def __init__(self, architecture: Architecture, quality: int) -> None:
        self.architecture = architecture
        self._quality = np.full((1, 1), quality, np.uint8)

    def latents(self, picture: Pixels) -> Latents:
        """Latents of a picture [H, W, 3], whose sides are multiples of the cell."""
        return self.architecture.analyze(picture, self._quality)

    def draw(self, side: int, dice: Dice) -> Pixels:
        """An image [side, side, 3] from the prior."""
        return self._image(side, side, (), 0, dice)

    def vary(self, latents: Latents, kept: int, dice: Dice) -> Pixels:
        """An image that has the first `kept` steps in common with that of latents."""
        [plane, *_] = self.architecture.grid.planes
        height, width = (plane.pixels * count for count in latents[0].shape[1:])
        return self._image(height, width, latents, kept, dice)

    def paint(self, latents: Latents) -> Pixels:
        """The image of latents, as it comes back from a file."""
        steps = len(self.architecture.steps)
        return self.vary(latents, steps, Dice(np.random.default_rng()))

    def _image(
        self, height: int, width: int, latents: Latents, kept: int, dice: Dice
    ) -> Pixels:
        architecture = self.architecture
        known = no_symbols(architecture, height, width)
        predictor = architecture.predictor(height, width, self._quality)
        for number, step in enumerate(architecture.steps):
            prediction = predictor.predict(number, known)
            if number < kept:
                values = self._less_means(number, latents[step.plane], known)
                symbols = _nearest(predictor.gather(number, values), prediction)
            else:
                symbols = dice.draw(architecture.tables, prediction.indexes)
            held = symbols.clip(-step.limit, step.limit)
            predictor.scatter(number, held, known.planes[step.plane])
        return architecture.paint(predictor.latents(known), self._quality)

    def _less_means(self, number: int, values: Floats, known: Symbols) -> Floats:
        """Latents without those means of a step that predictions do not hold."""
        if self.architecture.steps[number].means_reach is None:
            return values
        return values - self.architecture.means(number, known, self._quality)


def between(first: Latents, second: Latents, share: float) -> Latents:
    """Latents on the straight way from the first to the second; 0 is the first."""
    pairs = zip(first, second, strict=True)
    return [a + np.float32(share) * (b - a) for a, b in pairs]


def _nearest(latents: Floats, prediction: Prediction) -> Integers:
    """Symbols for latents in steps [n]."""
    means = 0 if prediction.means is None else prediction.means()
    nearest = np.floor(latents - means + 0.5).clip(-VALUE_LIMIT, VALUE_LIMIT)
    return nearest.astype(np.int16)
