"""Latents of tiles -> image or a part of it, in memory that does not grow with it.

Tiles are read when the next window needs them, and their latents are dropped when no
window does. For a part of an image the windows that lie in it are computed, as they
are for all of it, with the latents of the tiles that can be seen from it, and zeros in
the place of the others. So its pixels are those of the whole image.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

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
from vaecodec.codec.geometry.planes import Planes
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.stages import Stage, lines, longer_side
from vaecodec.codec.geometry.tiling import Tile, tiles
from vaecodec.codec.geometry.windows import Window, in_cells, whole_cells, windows
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Integers, Pixels, Plane, Quality, Symbols

Read = Callable[[Tile], Symbols]
Draw = Callable[[Symbols, Quality], NDArray[Any]]  # of a window [rows, columns, C]


def synthesize(
    read: Read,
    area: Area,
    header: ImageHeader,
    model: CodecModel,
    *,
    quality_map: bytes | None = None,
    reduction: int = 1,
) -> Iterator[tuple[Area, Pixels]]:
    """Inverse of `analyze`, with loss.

    Args:
        read: gives the latents of a tile; is called once for each that is needed,
            maybe by several threads.
        area: rows and columns that are wanted, in pixels of what is drawn.
        header: of the image.
        model: the one that made the symbols.
        quality_map: of the `ImageFile`.
        reduction: 1 draws the image, 8 its preview.

    Yields:
        Rows and columns of the area, and the pixels there [rows, columns, C].
    """
    architecture, grid = model.architecture, model.architecture.grid
    is_preview = reduction > 1
    draw = architecture.preview if is_preview else architecture.paint
    yield from drawn(
        read,
        area,
        header,
        model,
        functools.partial(draw, depth=header.depth),
        reach=grid.preview_reach if is_preview else grid.painter_reach,
        quality_map=quality_map,
        reduction=reduction,
    )


def drawn(
    read: Read,
    area: Area,
    header: ImageHeader,
    model: CodecModel,
    draw: Draw,
    *,
    reach: int,
    quality_map: bytes | None,
    reduction: int,
) -> Iterator[tuple[Area, NDArray[Any]]]:
    """As `synthesize`, with anything that can be drawn from the latents of a window.

    Args:
        read: as there.
        area: as there.
        header: as there.
        model: as there.
        draw: latents and quality of a window -> what is drawn [rows, columns, C].
        reach: how far it looks, in pixels of the image.
        quality_map: as there.
        reduction: pixels of the image along one of what is drawn.
    """
    grid = model.architecture.grid
    along = longer_side(header)
    quality = QualityMap(header, quality_map, cell=grid.cell)
    in_image = scaled(area, reduction)
    every = windows(header, cell=grid.cell, reach=reach)
    wanted = lines((window for window in every if meet(window.core, in_image)), along)
    planes = _Planes(read, header, model, wanted[0][0], in_image, reach=reach)
    for window in itertools.chain.from_iterable(wanted):
        pixels = draw(planes.seen(window), quality.read(window.seen))
        part = common(covering(window.core, reduction), area)
        seen = covering(window.seen, reduction)
        yield within(part, area), pixels[within(part, seen)]


class _Planes:
    """The latents that can be seen from an area, read when a window needs them."""

    def __init__(
        self,
        read: Read,
        header: ImageHeader,
        model: CodecModel,
        first: Window,
        area: Area,
        *,
        reach: int,
    ) -> None:
        self._read, self._model = read, model
        self._along = along = longer_side(header)
        grid = model.architecture.grid
        cells = scaled(covering(area, grid.cell), grid.cell)
        in_view = widened(cells, in_cells(reach, grid.cell))
        needed = [tile for tile in tiles(header) if meet(tile.pixels, in_view)]
        self._placed = Stage(needed, along=along)
        start = min(first.seen[along].start, needed[0].start(along))  # upper left ones
        size = whole_cells(header, grid.cell)
        self._planes = Planes(grid, size, dtype=np.int16, along=along, start=start)

    def seen(self, window: Window) -> Symbols:
        """Latents that a window is given; windows come in the order of the walk."""
        pixels = window.seen[self._along]
        self._planes.drop(pixels.start)
        self._planes.extend(pixels.stop)
        for line in self._placed.due(pixels.stop):
            self._place(line)
        return Symbols(self._planes.read_all(window.seen))

    def _place(self, line: list[Tile]) -> None:
        grid = self._model.architecture.grid
        self._planes.extend(in_cells(line[0].stop(self._along), grid.cell))
        found = self._model.side_by_side(self._read, line)
        for tile, latents in zip(line, found, strict=True):
            for number, values in enumerate(latents):
                area = _covered(tile, values, grid.planes[number])
                self._planes.write(number, area, values)


def _covered(tile: Tile, values: Integers, plane: Plane) -> Area:
    """The pixels that latents [C, r, c] of a tile stand for, maybe more than it has."""
    rows, columns = (
        slice(side.start, side.start + count * plane.pixels)
        for side, count in zip(tile.pixels, values.shape[1:], strict=True)
    )
    return rows, columns
