"""The smallest architecture that shows all of the contract: means of blocks.

Two planes: the mean colour of 32 x 32 pixels, and that of 4 x 4 pixels. Three steps:
the first plane; every other block of the second, predicted from the first plane; the
rest, predicted from the two blocks left and right of each. All of it is integer
arithmetic, means as well, so pixels are equal on every machine. A block is drawn in its
mean colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.frequency_tables import TableSet, quantize_frequencies
from vaecodec.models.architecture import (
    REDUCTION,
    Floats,
    Grid,
    Lattice,
    Pixels,
    Plane,
    Prediction,
    Quality,
    Step,
    Symbols,
)
from vaecodec.models.depth import BRIGHTEST, SHALLOW, levels_of, samples_of
from vaecodec.models.model_file import ModelFile, pack_model

CELL, BLOCK = 32, 4
BLOCKS = CELL // BLOCK  # along a cell
# Rows of the table set; the deviation of row k is about exp(k / 8) / 8.
FIRST_ROW, SECOND_ROW, LEAST_ROW, MOST_ROW = 44, 36, 20, 40


def _lattices(shift: int) -> tuple[Lattice, ...]:
    """Every other block, like one colour of a chessboard."""
    return tuple(np.s_[:, row::2, (row + shift) % 2 :: 2] for row in (0, 1))


class ToyArchitecture:
    """See `Architecture`; a model says no more than how bright nothing is."""

    grid = Grid(
        cell=CELL,
        planes=(Plane(3, CELL), Plane(3, BLOCK)),
        analysis_reach=0,
        painter_reach=0,
        preview_reach=0,
    )
    channels = 3
    most_bits = 16
    masking = True
    steps = (
        Step("means of 32 x 32", 0, limit=255, nearest=True),
        Step("every other 4 x 4", 1, _lattices(0)),
        Step("the others", 1, _lattices(1)),
    )

    def __init__(self, file: ModelFile, *, threads: int | None = 1) -> None:
        self.tables = TableSet(file.tensors)
        self._level = int(file.tensors["level"][0])

    def predictor(self, height: int, width: int, quality: Quality) -> ToyPredictor:
        """Begin a tile; the quality is in the steps of all that it predicts from."""
        return ToyPredictor(self.steps, self.grid.planes[1].shape(height, width))

    def analyze(
        self, image: Pixels, quality: Quality, *, depth: int = SHALLOW
    ) -> Sequence[Floats]:
        """Means of blocks."""
        samples = levels_of(image, depth).transpose(2, 0, 1) - self._level
        return [
            _means(samples, side) / _spread(step_sizes(quality), CELL // side)
            for side in (CELL, BLOCK)
        ]

    def means(self, step: int, known: Symbols, quality: Quality) -> Floats:
        """Never asked for: predictions hold the means."""
        raise NotImplementedError

    def error_weights(self, step: int, quality: Quality) -> Floats:
        """The same everywhere."""
        return np.full((1, 1, 1), 4, np.float32)

    def paint(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Plain blocks."""
        blocks = samples_of(self._levels(latents, quality), depth).transpose(1, 2, 0)
        return blocks.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)

    def preview(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Means of four blocks."""
        means = _means(self._levels(latents, quality), REDUCTION // BLOCK)
        return samples_of(means, depth).transpose(1, 2, 0)

    def dequantize(self, latents: Symbols, quality: Quality) -> Floats:
        """Means of blocks, as levels above the middle."""
        _, blocks = latents
        return (blocks * self.step_sizes(quality)).astype(np.float32)

    def step_sizes(self, quality: Quality) -> Floats:
        """The same of all colours."""
        sizes = _spread(step_sizes(quality), BLOCKS).astype(np.float32)
        return sizes.repeat(3, axis=0)

    def _levels(self, latents: Symbols, quality: Quality) -> Floats:
        """Of each block [3, r, c]."""
        _, blocks = latents
        levels = blocks * _spread(step_sizes(quality), BLOCKS) + self._level
        return np.clip(levels, 0, BRIGHTEST).astype(np.float32)


class ToyPredictor:
    """One tile of blocks [3, r, c]; see `TilePredictor`."""

    def __init__(self, steps: tuple[Step, ...], shape: tuple[int, int, int]) -> None:
        self._steps = steps
        # Filled in as steps get known: means, to which symbols are added.
        self._means = np.zeros(shape, np.int16)

    def predict(self, step: int, known: Symbols) -> Prediction:
        """All that is known in steps of the quantiser."""
        coarse, blocks = known
        if step == 0:
            return Prediction(np.full(coarse.size, FIRST_ROW, np.uint8))
        _, rows, columns = self._means.shape
        around = coarse.repeat(BLOCKS, 1).repeat(BLOCKS, 2)[:, :rows, :columns]
        indexes = np.full(blocks.shape, SECOND_ROW, np.uint8)
        if step == 1:
            self._means[:] = around
        else:
            around, indexes = self._between(blocks, around)
            for places in self._steps[2].lattices:
                self._means[places] = around[places]
        means = self.gather(step, around)
        return Prediction(self.gather(step, indexes), lambda: means)

    def _between(
        self, blocks: NDArray[np.int16], around: NDArray[np.int16]
    ) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
        """Mean of the neighbours left and right, and a row for their difference."""
        found = np.pad(blocks + self._means, [(0, 0), (0, 0), (1, 1)])
        found[:, :, 0], found[:, :, -1] = around[:, :, 0], around[:, :, -1]
        left, right = found[:, :, :-2].astype(np.int32), found[:, :, 2:]
        rows = LEAST_ROW + np.abs(left - right)
        mean = (left + right) >> 1
        return mean.astype(np.int16), rows.clip(max=MOST_ROW).astype(np.uint8)

    def gather(self, step: int, values: NDArray[Any]) -> NDArray[Any]:
        """Lattice after lattice."""
        lattices = self._steps[step].lattices
        return np.concatenate([values[places].ravel() for places in lattices])

    def scatter(self, step: int, symbols: NDArray[Any], into: NDArray[Any]) -> None:
        """Lattice after lattice."""
        start = 0
        for places in self._steps[step].lattices:
            part = into[places]
            part[:] = symbols[start : start + part.size].reshape(part.shape)
            start += part.size

    def latents(self, known: Symbols) -> Symbols:
        """Symbols with their means."""
        coarse, blocks = known
        return Symbols((coarse, blocks + self._means))


def toy_model(*, level: int = 128) -> bytes:
    """A model file; `level` belongs to the painter alone."""
    rows = []
    for number in range(64):
        scale = np.exp(number / 8) / 8
        limit = min(int(np.ceil(8 * scale)), 300)
        rows.append(np.exp(-np.abs(np.arange(-limit, limit + 1)) / scale))
    limits, frequencies = quantize_frequencies(rows)
    return pack_model(
        {
            "tables.limits": limits,
            "tables.frequencies": frequencies,
            "level": np.array([level], np.uint8),
        },
        {
            "architecture": "toy",
            "stream": "tables.frequencies tables.limits",
            "painter": "level",
        },
    )


def step_sizes(quality: Quality) -> NDArray[np.int16]:
    """Levels of a sample in a step of the quantiser, 1 at the best quality."""
    return (1 + (100 - quality.astype(np.int16)) // 8)[None]


def _means(samples: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """[C, H, W] -> [C, H / side, W / side]."""
    channels, height, width = samples.shape
    # [C, H, W] -> [C, r, side, c, side]
    blocks = samples.reshape(channels, height // side, side, width // side, side)
    return blocks.mean(axis=(2, 4))


def _spread(cells: NDArray[Any], times: int) -> NDArray[Any]:
    """[C, rows, columns] repeated; [C, 1, 1] is the same everywhere."""
    return cells if cells[0].size == 1 else cells.repeat(times, 1).repeat(times, 2)
