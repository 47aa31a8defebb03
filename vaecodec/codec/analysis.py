"""Image -> sections of its tiles, in memory that does not grow along the image.

Windows of pixels are analysed; then each step of the model in turn is predicted and its
symbols are chosen, which the steps behind it depend on. Predictions look at one tile;
means that a float network puts out (see `Step.means_reach`) are computed in windows,
which look into their neighbours. So each step lags behind the one before it. For a
model of two such steps, a picture of the walk at any moment is

    analysed         ===========================>
    first means      =====================>
    first symbols    =================>
    second means     ===========>
    second symbols   =======>
    in memory             ======================

The windows are those of the whole image: the symbols do not depend on the walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import within
from vaecodec.codec.geometry.planes import Planes, on_plane
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.stages import Stage, lines, longer_side
from vaecodec.codec.geometry.tiling import Tile, tiles
from vaecodec.codec.geometry.windows import Window, in_cells, whole_cells, windows
from vaecodec.codec.masking import Image, visibility
from vaecodec.codec.model_channels import for_model
from vaecodec.codec.tile_coder import Section
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import (
    Floats,
    Pixels,
    Quality,
    Step,
    Symbols,
    TilePredictor,
)


@dataclass(frozen=True)
class _TileInWork:
    """A tile between its steps: how it is predicted, and what is settled.

    Attributes:
        visibility: of errors, by the size of positions in pixels.
    """

    predictor: TilePredictor
    sections: list[Section] = field(default_factory=list)
    visibility: dict[int, Floats] = field(default_factory=dict)


def analyze(
    image: Image,
    header: ImageHeader,
    model: CodecModel,
    *,
    quality_map: bytes | None = None,
) -> Iterator[tuple[Tile, list[Section]]]:
    """Every tile of an image [H, W] or [H, W, C], with a section for each step.

    `quality_map` is that of an `ImageFile`.

    The order is that of the walk, along the longer side of the image.
    """
    quality = QualityMap(header, quality_map, cell=model.architecture.grid.cell)
    walk = _Walk(image, header, model, quality)
    for line in lines(tiles(header), walk.along):
        yield from walk.finish(line)


class _Walk:
    """What is in memory of an image, and the stages that work on it."""

    def __init__(
        self,
        image: Image,
        header: ImageHeader,
        model: CodecModel,
        quality: QualityMap,
    ) -> None:
        self._image, self._model, self._quality = image, model, quality
        self._depth = header.depth
        self._architecture = architecture = model.architecture
        self._grid, self._steps = architecture.grid, architecture.steps
        self.along = along = longer_side(header)
        size = whole_cells(header, self._grid.cell)
        self._symbols = Planes(self._grid, size, dtype=np.int16, along=along)
        # In steps; means are subtracted as they get known.
        self._latents = Planes(self._grid, size, dtype=np.float32, along=along)
        self._tiles: dict[int, _TileInWork] = {}

        def stage(reach: int) -> Stage[Window]:
            cell = self._grid.cell
            return Stage(windows(header, cell=cell, reach=reach), along=along)

        self._analysed = stage(self._grid.analysis_reach)
        reaches = [step.means_reach for step in self._steps]
        self._means = [None if reach is None else stage(reach) for reach in reaches]
        self._chosen = [Stage(tiles(header), along=along) for _ in self._steps]
        # Windows still to come look back so far.
        furthest = max((reach for reach in reaches if reach is not None), default=0)
        self._look_back = in_cells(furthest, self._grid.cell)

    def finish(self, line: list[Tile]) -> Iterator[tuple[Tile, list[Section]]]:
        """The next line of tiles, with all of their sections."""
        begin, end = line[0].start(self.along), line[0].stop(self.along)
        self._latents.drop(begin)
        self._symbols.drop(begin - self._look_back)
        self._choose_until(len(self._steps) - 1, end)
        for tile in line:
            yield tile, self._tiles.pop(tile.number).sections

    def _choose_until(self, number: int, pixel: int) -> None:
        """Settle a step, and those before it, in tiles that begin before a pixel."""
        for line in self._chosen[number].due(pixel):
            stop = line[0].stop(self.along)
            if number:
                self._choose_until(number - 1, stop)
            self._analyze_until(stop)
            self._subtract_means_until(number, stop)
            for _ in self._model.side_by_side(
                lambda tile: self._choose(number, tile), line
            ):
                pass  # it has filled in its symbols

    def _analyze_until(self, pixel: int) -> None:
        for line in self._analysed.due(pixel):
            stop = line[0].core[self.along].stop
            self._symbols.extend(stop)
            self._latents.extend(stop)
            for window in line:
                self._analyze(window)

    def _analyze(self, window: Window) -> None:
        quality = self._quality.read(window.seen)
        pixels = seen_pixels(self._image, window, self._architecture.channels)
        planes = self._architecture.analyze(pixels, quality, depth=self._depth)
        for number, latents in enumerate(planes):
            core = self._core(number, latents, window)
            self._latents.write(number, window.core, core)
        for step in self._steps:
            if step.nearest:
                self._take_nearest(step, window)

    def _take_nearest(self, step: Step, window: Window) -> None:
        latents = self._latents.read(step.plane, window.core)
        symbols = self._symbols.read(step.plane, window.core)
        for places in step.lattices:
            nearest = np.floor(latents[places] + np.float32(0.5))
            symbols[places] = nearest.clip(-step.limit, step.limit)
        self._symbols.write(step.plane, window.core, symbols)

    def _subtract_means_until(self, number: int, pixel: int) -> None:
        stage = self._means[number]
        for line in stage.due(pixel) if stage else ():
            seen = line[0].seen[self.along].stop
            self._analyze_until(seen)
            for earlier, step in enumerate(self._steps[:number]):
                if not step.nearest:  # those are known where the image is analysed
                    self._choose_until(earlier, seen)
            for window in line:
                self._subtract_means(number, window)

    def _subtract_means(self, number: int, window: Window) -> None:
        step = self._steps[number]
        known = Symbols(self._symbols.read_all(window.seen))
        quality = self._quality.read(window.seen)
        means = self._architecture.means(number, known, quality)
        core = self._core(step.plane, means, window)
        latents = self._latents.read(step.plane, window.core)
        for places in step.lattices:
            latents[places] -= core[places]
        self._latents.write(step.plane, window.core, latents)

    def _choose(self, number: int, tile: Tile) -> None:
        """Settle the symbols of one step of a tile."""
        step = self._steps[number]
        quality = self._quality.read(tile.pixels)
        if number == 0:
            predictor = self._architecture.predictor(*tile.shape, quality)
            self._tiles[tile.number] = _TileInWork(predictor)
        predictor = self._tiles[tile.number].predictor
        known = Symbols(self._symbols.read_all(tile.pixels))
        prediction = predictor.predict(number, known)
        plane = known.planes[step.plane]
        if step.nearest:
            symbols = predictor.gather(number, plane)
        else:
            latents = self._latents.read(step.plane, tile.pixels)
            weights = self._error_weights(number, tile, quality)
            symbols = self._model.quantize(
                predictor.gather(number, latents),
                prediction,
                predictor.gather(number, np.broadcast_to(weights, plane.shape)),
                limit=step.limit,
            )
            predictor.scatter(number, symbols, plane)
            self._symbols.write(step.plane, tile.pixels, plane)
        section = Section(symbols, prediction.indexes)
        self._tiles[tile.number].sections.append(section)

    def _error_weights(self, number: int, tile: Tile, quality: Quality) -> Floats:
        """What errors of a step are worth in a tile, [C, r, c] or a part of these."""
        plane = self._grid.planes[self._steps[number].plane]
        _, rows, columns = plane.shape(*tile.shape)
        weights = self._architecture.error_weights(number, quality)[:, :rows, :columns]
        if not self._architecture.masking:
            return weights
        factors = self._tiles[tile.number].visibility
        if plane.pixels not in factors:
            factors[plane.pixels] = visibility(
                self._image, tile.pixels, plane.pixels, self._depth
            )
        return weights * factors[plane.pixels]

    def _core(self, number: int, seen: Floats, window: Window) -> Floats:
        """The core of a plane [C, r, c] that covers a window."""
        area = within(window.core, window.seen)
        rows, columns = on_plane(self._grid.planes[number], area)
        return seen[:, rows, columns]


def seen_pixels(image: Image, window: Window, channels: int) -> Pixels:
    """A window [h, w, channels], as a model for so many channels takes it.

    Beyond the image its last row and column are repeated.
    """
    rows, columns = window.seen
    inside = for_model(image[rows, columns], channels)
    below = rows.stop - rows.start - inside.shape[0]
    beside = columns.stop - columns.start - inside.shape[1]
    return np.pad(inside, [(0, below), (0, beside), (0, 0)], mode="edge")
