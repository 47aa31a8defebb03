"""What the house asks of a model: planes of latents, steps that code them, a painter.

Everything outside of a model's own folder knows models by this contract alone. The two
walks through it, for the symbols of one tile:

    compress    image -> analyze -> latents -> step by step: predict -> symbols -> bytes
    decompress  bytes -> step by step: predict -> symbols -> latents -> paint -> image

A step adds the symbols of some places of one plane. Before it, an exact prediction from
all symbols that are known says which frequency table each of its symbols has, and what
its mean is. Predictions look at one tile only, so that tiles can be read on their own;
analysis and painting look a little over their borders, as far as the reach says.

Letters in shapes: C channels, r x c positions of a plane, n symbols of a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.entropy.frequency_tables import VALUE_LIMIT, TableSet
from vaecodec.models.depth import SHALLOW, Samples

QUALITIES = 101  # 0..100
REDUCTION = 8  # pixels of the image along one of a preview

Floats = NDArray[np.float32]
Integers = NDArray[np.int16]
Indexes = NDArray[np.uint8]  # rows of the table set
Pixels = Samples  # [H, W, channels of the model]
Quality = NDArray[np.uint8]  # 0..100: [1, 1], or one for each cell [rows, columns]
Lattice = tuple[slice, slice, slice]  # channels, rows, columns; each with its stride

EVERYWHERE: Lattice = (slice(None), slice(None), slice(None))


@dataclass(frozen=True)
class Plane:
    """Latents side by side over the whole image.

    Attributes:
        channels: C.
        pixels: side of the square of pixels that a position stands for.
        channels_last: arrays [C, r, c] of it are views of memory in the order
            [r, c, C], where there is a choice. Nothing but speed depends on it.
    """

    channels: int
    pixels: int
    channels_last: bool = False

    def shape(self, height: int, width: int) -> tuple[int, int, int]:
        """C, r and c of the positions that hold any of so many pixels."""
        return self.channels, -(-height // self.pixels), -(-width // self.pixels)

    def zeros(self, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Zeros [C, r, c], in memory as the plane has them."""
        if not self.channels_last:
            return np.zeros(shape, dtype)
        channels, *positions = shape
        return np.zeros((*positions, channels), dtype).transpose(2, 0, 1)


@dataclass(frozen=True)
class Grid:
    """How latents lie over an image, and how far networks look. All in pixels.

    Attributes:
        cell: what sides of windows are multiples of: a power of two, 1..64, that the
            positions of every plane divide.
        planes: in the order in which `Symbols` holds them.
        analysis_reach: how far beyond its edge the latents of an area depend on pixels.
        painter_reach: how far beyond its edge the pixels of an area depend on latents.
        preview_reach: the same of a preview, in pixels of the image.
    """

    cell: int
    planes: tuple[Plane, ...]
    analysis_reach: int
    painter_reach: int
    preview_reach: int


@dataclass(frozen=True)
class Step:
    """Symbols that are coded together.

    Attributes:
        name: for people.
        plane: number of the plane that they lie in.
        lattices: where in it, counted from the corner of a tile. If the step is
            `nearest` or has a `means_reach`, from that of any cell.
        limit: their largest magnitude.
        nearest: the sender takes the integers nearest to the latents, and needs no
            prediction for that.
        means_reach: how far around it a mean depends on symbols, in pixels, where
            `Architecture.means` gives the sender means of this step. Else None: the
            prediction holds the means.
    """

    name: str
    plane: int
    lattices: tuple[Lattice, ...] = (EVERYWHERE,)
    limit: int = VALUE_LIMIT
    nearest: bool = False
    means_reach: int | None = None


@dataclass(frozen=True, eq=False)
class Symbols:
    """Integers of a tile or a window: [C, r, c] for each plane of the grid."""

    planes: tuple[Integers, ...]

    def __iter__(self) -> Iterator[Integers]:
        return iter(self.planes)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What is known of the symbols of a step before they are.

    Attributes:
        indexes: uint8 [n], the row of the table set for each, in the order of coding.
        means: gives [n] in steps, which the sender subtracts, and is asked for by none
            but the sender; None for zeros.
    """

    indexes: Indexes
    means: Callable[[], NDArray[Any]] | None = None


class TilePredictor(Protocol):
    """One tile on its way through the steps; keeps what later steps can use again."""

    def predict(self, step: int, known: Symbols) -> Prediction:
        """Predict a step, when all steps before it have been predicted and are known.

        Exact: the same integers give the same indexes on every machine.
        """

    def gather(self, step: int, values: NDArray[Any]) -> NDArray[Any]:
        """Values [C, r, c] of the step's plane -> those of the step [n], as coded."""

    def scatter(self, step: int, symbols: NDArray[Any], into: NDArray[Any]) -> None:
        """Inverse of `gather`: put symbols [n] in their places of the plane."""

    def latents(self, known: Symbols) -> Symbols:
        """What the painter is given of this tile, when all steps were predicted.

        [C, r, c] of each plane. May go on beyond the tile to the end of its cells: the
        painter sees them from inside of the tile.
        """


class Architecture(Protocol):
    """All that compressing and decompressing need of a model.

    Attributes:
        grid: how latents lie over an image.
        steps: in the order of coding.
        tables: frequency tables, which scale indexes choose from.
        most_bits: the greatest depth of samples that it takes and draws.
        masking: whether errors are worth less where the image is busy.
    """

    grid: Grid
    steps: tuple[Step, ...]
    tables: TableSet
    most_bits: int
    masking: bool

    @property
    def channels(self) -> int:
        """Those of the images that it takes and draws, of which none is alpha.

        1..16; images of 3 serve for gray as well.
        """

    def predictor(self, height: int, width: int, quality: Quality) -> TilePredictor:
        """Begin a tile of so many pixels."""

    def analyze(
        self, image: Pixels, quality: Quality, *, depth: int = SHALLOW
    ) -> Sequence[Floats]:
        """Image [H, W, channels] -> latents in steps, [C, r, c] for each plane.

        Samples have `depth` bits. H and W are multiples of the cell. Only the sender
        asks for it, in any arithmetic: what it finds is a choice.
        """

    def means(self, step: int, known: Symbols, quality: Quality) -> Floats:
        """Symbols of a window -> means in steps [C, r, c] of a step's plane.

        Only for steps with a `means_reach`; right at the places of the step.
        """

    def error_weights(self, step: int, quality: Quality) -> Floats:
        """Bits that a squared error of one step is worth.

        [C, 1, 1], or one for each position of whole cells [C, r, c].
        """

    def paint(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Latents of a window -> image [H, W, channels], samples of `depth` bits."""

    def preview(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Latents of a window -> [H / 8, W / 8, channels], an eighth of the size."""

    def dequantize(self, latents: Symbols, quality: Quality) -> Floats:
        """Latents of a window -> those of the last plane, as real numbers [C, r, c].

        In units that are the same at every quality, in which a squared error is about
        that of samples 0..1 that it causes. Looks as far as previews do.
        """

    def step_sizes(self, quality: Quality) -> Floats:
        """What a symbol of 1 adds to them.

        [C, 1, 1], or one for each position of whole cells [C, r, c].
        """
