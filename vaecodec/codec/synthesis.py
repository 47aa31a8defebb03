"""Symbols of tiles -> image or a part of it, in memory that does not grow with it.

Tiles are read when the next window needs them, and their symbols are dropped when no
window does. For a part of an image the windows that lie in it are computed, as they
are for all of it, with the symbols of the tiles that can be seen from it, and zeros in
the place of the others. So its pixels are those of the whole image.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import (
    Area,
    common,
    covering,
    meet,
    scaled,
    widened,
    within,
)
from vaecodec.codec.geometry.stages import Stage, lines, longer_side
from vaecodec.codec.geometry.symbol_planes import SymbolPlanes
from vaecodec.codec.geometry.tiling import Tile, cell_grid, tiles
from vaecodec.codec.geometry.windows import (
    HALO_CELLS,
    MEANS_HALO_CELLS,
    Window,
    windows,
)
from vaecodec.codec.preview import REDUCTION
from vaecodec.format.header import ImageHeader
from vaecodec.models.checkerboard.engine import CELL
from vaecodec.models.checkerboard.symbols import TileSymbols


def synthesize(
    read: Callable[[Tile], TileSymbols],
    area: Area,
    header: ImageHeader,
    model: CodecModel,
    *,
    reduction: int = 1,
) -> Iterator[tuple[Area, NDArray[np.uint8]]]:
    """Inverse of `analyze`, with loss.

    Args:
        read: gives the symbols of a tile; is called once for each that is needed,
            maybe by several threads.
        area: rows and columns that are wanted, in pixels of what is drawn.
        header: of the image.
        model: the one that made the symbols.
        reduction: 1 draws the image, 8 its preview.

    Yields:
        Rows and columns of the area, and the pixels there [rows, columns, 3].
    """
    along = longer_side(header)
    is_preview = reduction == REDUCTION
    draw = model.preview if is_preview else model.engine.synthesize
    scale = CELL // reduction  # pixels along a cell
    cells = covering(area, scale)
    halo = MEANS_HALO_CELLS if is_preview else None
    every = windows(*cell_grid(header), halo=halo)
    wanted = lines((window for window in every if meet(window.core, cells)), along)
    planes = _Planes(read, cells, header, model, start=wanted[0][0].seen[along].start)
    for window in itertools.chain.from_iterable(wanted):
        pixels = draw(*planes.seen(window), quality=header.quality)
        part = common(scaled(window.core, scale), area)
        yield within(part, area), pixels[within(part, scaled(window.seen, scale))]


class _Planes:
    """The symbols that can be seen from some cells, read when a window needs them."""

    def __init__(
        self,
        read: Callable[[Tile], TileSymbols],
        cells: Area,
        header: ImageHeader,
        model: CodecModel,
        *,
        start: int,
    ) -> None:
        self._read, self._model = read, model
        self._along = along = longer_side(header)
        in_view = widened(cells, HALO_CELLS)
        needed = [tile for tile in tiles(header) if meet(tile.cells, in_view)]
        self._placed = Stage(needed, along=along)
        self._planes = SymbolPlanes(
            cell_grid(header),
            hyper_channels=model.coder.hyper_channels,
            latent_channels=model.coder.latent_channels,
            along=along,
            start=min(start, needed[0].start(along)),  # the upper left one
        )

    def seen(self, window: Window) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Symbols that a window is given; windows come in the order of the walk."""
        cells = window.seen[self._along]
        self._planes.drop(cells.start)
        self._planes.extend(cells.stop)
        for line in self._placed.due(cells.stop):
            self._place(line)
        return self._planes.seen(window)

    def _place(self, line: list[Tile]) -> None:
        self._planes.extend(line[0].cells[self._along].stop)
        found = self._model.side_by_side(self._read, line)
        for tile, symbols in zip(line, found, strict=True):
            self._planes.place(tile, symbols)
