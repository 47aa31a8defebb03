"""Image -> symbols of its tiles, in memory that does not grow along the image.

Windows of pixels are analysed; then each group of the latent in turn gets its means
(from the engine) and its tables (from the entropy coder), and is quantised: both depend
for the second group on the symbols of the first. Means are computed in windows, which
look into their neighbours, and tables in tiles, which do not. So each step lags behind
the one before it, and a picture of the walk at any moment is

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
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import Area, scaled
from vaecodec.codec.geometry.band import Band
from vaecodec.codec.geometry.stages import Stage, lines, longer_side
from vaecodec.codec.geometry.symbol_planes import PATCHES, SymbolPlanes
from vaecodec.codec.geometry.tiling import Tile, cell_grid, tiles
from vaecodec.codec.geometry.windows import HALO_CELLS, Window, windows
from vaecodec.format.header import ImageHeader
from vaecodec.models.checkerboard.board import group_places
from vaecodec.models.checkerboard.engine import CELL
from vaecodec.models.checkerboard.scale_networks import Features
from vaecodec.models.checkerboard.symbols import TileSymbols


class Pixels(Protocol):
    """The samples of an image, [H, W, 3] or [H, W], of which areas can be cut."""

    def __getitem__(self, area: Area, /) -> NDArray[np.uint8]:
        """Rows and columns as far as there are any."""


def analyze(
    image: Pixels, header: ImageHeader, model: CodecModel
) -> Iterator[tuple[Tile, TileSymbols, NDArray[np.uint8]]]:
    """Every tile of an image [H, W, 3] or [H, W], as its symbols get ready.

    With the symbols come their scale indexes [M, h, w], which took part in choosing
    them. The order is that of the walk, along the longer side of the image.
    """
    walk = _Walk(image, header, model)
    for line in lines(tiles(header), walk.along):
        yield from walk.finish(line)


class _Walk:
    """What is in memory of an image, and the steps that work on it."""

    def __init__(self, image: Pixels, header: ImageHeader, model: CodecModel) -> None:
        self._image, self._quality, self._model = image, header.quality, model
        self.along = along = longer_side(header)
        grid, coder = cell_grid(header), model.coder
        self._planes = SymbolPlanes(
            grid,
            hyper_channels=coder.hyper_channels,
            latent_channels=coder.latent_channels,
            along=along,
        )
        # The latent in steps, from which the means are subtracted as they get known.
        self._residual = Band(
            coder.latent_channels, grid, scale=PATCHES, dtype=np.float32, along=along
        )
        # Of tiles between the two groups: the first one's scale indexes, and what the
        # second one's need.
        self._tables: dict[int, tuple[NDArray[np.uint8], Features]] = {}
        self._analysed = Stage(windows(*grid), along=along)
        self._first_means = Stage(windows(*grid), along=along)
        self._first_symbols = Stage(tiles(header), along=along)
        self._second_means = Stage(windows(*grid), along=along)

    def finish(
        self, line: list[Tile]
    ) -> Iterator[tuple[Tile, TileSymbols, NDArray[np.uint8]]]:
        """The next line of tiles, with their symbols and scale indexes."""
        begin, end = line[0].cells[self.along].start, line[0].cells[self.along].stop
        self._residual.drop(begin)
        self._planes.drop(begin - HALO_CELLS)  # windows still to come look back
        for windows_due in self._second_means.due(end):
            self._subtract_means(1, windows_due)
        return self._model.side_by_side(self._quantize_second, line)

    def _quantize_second(
        self, tile: Tile
    ) -> tuple[Tile, TileSymbols, NDArray[np.uint8]]:
        first, features = self._tables.pop(tile.number)
        second = self._model.coder.second_indexes(
            features,
            self._planes.latent_symbols.read(tile.patches),
            quality=self._quality,
        )
        self._quantize(1, tile, second)
        # Each is 0 where the other counts.
        return tile, self._planes.cut(tile), first + second

    def _analyze(self, line: list[Window]) -> None:
        cell = line[0].core[self.along].stop
        self._planes.extend(cell)
        self._residual.extend(cell)
        for window in line:
            steps, hyper_symbols = self._model.engine.analyze(
                _seen_pixels(self._image, window), quality=self._quality
            )
            core = _core(hyper_symbols, window, 1)
            self._planes.hyper_symbols.write(window.core, core)
            core = _core(steps, window, PATCHES)
            self._residual.write(scaled(window.core, PATCHES), core)

    def _subtract_means(self, group: int, line: list[Window]) -> None:
        cell = line[0].seen[self.along].stop
        if group == 0:
            for windows_due in self._analysed.due(cell):
                self._analyze(windows_due)
        else:
            for tiles_due in self._first_symbols.due(cell):
                self._quantize_line(tiles_due)
        for window in line:
            seen = self._planes.seen(window)
            means = self._model.engine.means(*seen, quality=self._quality)
            core = _core(means, window, PATCHES)
            area = scaled(window.core, PATCHES)
            residual = self._residual.read(area)
            for place in group_places(group):
                residual[place] -= core[place]
            self._residual.write(area, residual)

    def _quantize_line(self, line: list[Tile]) -> None:
        for windows_due in self._first_means.due(line[0].cells[self.along].stop):
            self._subtract_means(0, windows_due)
        for _ in self._model.side_by_side(self._quantize_first, line):
            pass  # it has filled in its symbols

    def _quantize_first(self, tile: Tile) -> None:
        indexes, features = self._model.coder.first_indexes(
            self._planes.hyper_symbols.read(tile.cells),
            tile.shape,
            quality=self._quality,
        )
        self._tables[tile.number] = indexes, features
        self._quantize(0, tile, indexes)

    def _quantize(self, group: int, tile: Tile, indexes: NDArray[np.uint8]) -> None:
        """Fill in the symbols of one group of a tile."""
        residual = self._residual.read(tile.patches)
        for place in group_places(1 - group):
            residual[place] = 0  # so that no symbols are weighed there
        symbols = self._model.quantize(residual, indexes, self._quality)
        symbols += self._planes.latent_symbols.read(tile.patches)
        self._planes.latent_symbols.write(tile.patches, symbols)


def _core(seen: NDArray[Any], window: Window, scale: int) -> NDArray[Any]:
    """The core of planes [channels, rows, columns] that cover a window."""
    rows, columns = window.core_within(scale)
    return seen[:, rows, columns]


def _seen_pixels(image: Pixels, window: Window) -> NDArray[np.uint8]:
    """RGB of a window; beyond the image its last row and column are repeated."""
    rows, columns = scaled(window.seen, CELL)
    inside = image[rows, columns]
    if inside.ndim == 2:
        inside = np.repeat(inside[:, :, None], 3, axis=2)
    below = rows.stop - rows.start - inside.shape[0]
    beside = columns.stop - columns.start - inside.shape[1]
    return np.pad(inside, [(0, below), (0, beside), (0, 0)], mode="edge")
