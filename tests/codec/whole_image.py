"""The transformation with all of the image in memory: what walks must equal.

Windows and tiles are those of the package; nothing slides, nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import Area, within
from vaecodec.codec.geometry.planes import on_plane
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import Tile, tiles
from vaecodec.codec.geometry.windows import Window, whole_cells, windows
from vaecodec.codec.masking import masking
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Plane, Symbols, TilePredictor


def at(planes: Sequence[Plane], values: Symbols, area: Area) -> Symbols:
    """The part of an area in pixels."""
    return Symbols(
        tuple(
            np.ascontiguousarray(part[(slice(None), *on_plane(plane, area))])
            for plane, part in zip(planes, values, strict=True)
        )
    )


def put(plane: Plane, into: NDArray[Any], seen: NDArray[Any], window: Window) -> None:
    """Copy the core of what a window saw."""
    inner = on_plane(plane, within(window.core, window.seen))
    into[(slice(None), *on_plane(plane, window.core))] = seen[(slice(None), *inner)]


class WholeImage:
    """All latents of an image, and the symbols that are chosen for them."""

    def __init__(
        self,
        image: NDArray[np.uint8],
        header: ImageHeader,
        model: CodecModel,
        quality_map: bytes | None,
    ) -> None:
        self.image, self.header, self.model = image, header, model
        self.architecture = model.architecture
        self.grid, self.planes = self.architecture.grid, self.architecture.grid.planes
        self.quality = QualityMap(header, quality_map, cell=self.grid.cell)
        height, width = whole_cells(header, self.grid.cell)
        self.symbols = no_symbols(self.architecture, height, width)
        self.latents = [np.zeros(part.shape, np.float32) for part in self.symbols]
        fill = (0, height - image.shape[0]), (0, width - image.shape[1]), (0, 0)
        self._analyze(np.pad(image, fill, mode="edge"))
        self._predictors: dict[int, TilePredictor] = {}
        for number, step in enumerate(self.architecture.steps):
            if step.means_reach is not None:
                self._subtract_means(number, step.means_reach)
            for tile in tiles(header):
                self._choose(number, tile)

    def windows(self, reach: int) -> Iterator[Window]:
        return windows(self.header, cell=self.grid.cell, reach=reach)

    def _analyze(self, image: NDArray[np.uint8]) -> None:
        for window in self.windows(self.grid.analysis_reach):
            pixels = np.ascontiguousarray(image[window.seen])
            quality = self.quality.read(window.seen)
            found = self.architecture.analyze(pixels, quality)
            for plane, into, seen in zip(self.planes, self.latents, found, strict=True):
                put(plane, into, seen, window)

    def _subtract_means(self, number: int, reach: int) -> None:
        step = self.architecture.steps[number]
        means = np.zeros_like(self.latents[step.plane])
        for window in self.windows(reach):
            known = at(self.planes, self.symbols, window.seen)
            quality = self.quality.read(window.seen)
            seen = self.architecture.means(number, known, quality)
            put(self.planes[step.plane], means, seen, window)
        for lattice in step.lattices:
            self.latents[step.plane][lattice] -= means[lattice]

    def _choose(self, number: int, tile: Tile) -> None:
        step = self.architecture.steps[number]
        quality = self.quality.read(tile.pixels)
        if number == 0:
            predictor = self.architecture.predictor(*tile.shape, quality)
            self._predictors[tile.number] = predictor
        predictor = self._predictors[tile.number]
        known = at(self.planes, self.symbols, tile.pixels)
        prediction = predictor.predict(number, known)
        place = (slice(None), *on_plane(self.planes[step.plane], tile.pixels))
        latents = np.ascontiguousarray(self.latents[step.plane][place])
        chosen = predictor.gather(number, latents)
        if step.nearest:
            nearest = np.floor(chosen + 0.5).clip(-step.limit, step.limit)
            symbols = nearest.astype(np.int16)
        else:
            weights = self.architecture.error_weights(number, quality)
            weights = weights[:, : latents.shape[1], : latents.shape[2]]
            if self.architecture.masking:
                pixels = self.planes[step.plane].pixels
                samples = self.image[tile.pixels]
                weights = weights * masking(samples, pixels, depth=8)
            symbols = self.model.quantize(
                chosen,
                prediction,
                predictor.gather(number, np.broadcast_to(weights, latents.shape)),
                limit=step.limit,
            )
        into = known.planes[step.plane]
        predictor.scatter(number, symbols, into)
        self.symbols.planes[step.plane][place] = into


def analyze_whole(
    image: NDArray[np.uint8],
    header: ImageHeader,
    model: CodecModel,
    quality_map: bytes | None = None,
) -> list[Symbols]:
    """Symbols of every tile of an image [H, W, 3], in the order of the file."""
    whole = WholeImage(image, header, model, quality_map)
    return [at(whole.planes, whole.symbols, tile.pixels) for tile in tiles(header)]


def synthesize_whole(
    latents: Sequence[Symbols],
    header: ImageHeader,
    model: CodecModel,
    quality_map: bytes | None = None,
) -> NDArray[np.uint8]:
    """The image [H, W, 3]."""
    architecture, grid = model.architecture, model.architecture.grid
    height, width = whole_cells(header, grid.cell)
    everything = no_symbols(architecture, height, width)
    for tile, part in zip(tiles(header), latents, strict=True):
        for plane, into, values in zip(grid.planes, everything, part, strict=True):
            into[(slice(None), *on_plane(plane, tile.pixels))] = values
    image = np.empty((height, width, 3), np.uint8)
    qualities = QualityMap(header, quality_map, cell=grid.cell)
    for window in windows(header, cell=grid.cell, reach=grid.painter_reach):
        quality = qualities.read(window.seen)
        seen = architecture.paint(at(grid.planes, everything, window.seen), quality)
        image[window.core] = seen[within(window.core, window.seen)]
    return image[: header.height, : header.width]
