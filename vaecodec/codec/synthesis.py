"""Symbols of tiles -> image or a part of it, in memory that does not grow with it.

Tiles are read when the next window needs them, and their symbols are dropped when no
window does. For a part of an image the windows that lie in it are computed, as they
are for all of it, with the symbols of the tiles that can be seen from it, and zeros in
the place of the others. So its pixels are those of the whole image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.areas import Area, common, covering, meet, scaled, widened, within
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.preview import REDUCTION
from vaecodec.codec.stages import Stage, in_order, longer_side
from vaecodec.codec.symbol_planes import SymbolPlanes
from vaecodec.codec.tiling import Tile, cell_grid, tiles
from vaecodec.codec.windows import HALO_CELLS, windows
from vaecodec.engine.engine import CELL
from vaecodec.entropy.symbols import TileSymbols
from vaecodec.format.header import ImageHeader


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
        read: gives the symbols of a tile; is called once for each that is needed.
        area: rows and columns that are wanted, in pixels of what is drawn.
        header: of the image.
        model: the one that made the symbols.
        reduction: 1 draws the image, 8 its preview.

    Yields:
        Rows and columns of the area, and the pixels there [rows, columns, 3].
    """
    along, grid = longer_side(header), cell_grid(header)
    draw = model.preview if reduction == REDUCTION else model.engine.synthesize
    scale = CELL // reduction  # pixels along a cell
    cells = covering(area, scale)
    in_view = widened(cells, HALO_CELLS)
    needed = in_order((t for t in tiles(header) if meet(t.cells, in_view)), along)
    wanted = in_order((w for w in windows(*grid) if meet(w.core, cells)), along)
    planes = SymbolPlanes(
        grid,
        hyper_channels=model.coder.hyper_channels,
        latent_channels=model.coder.latent_channels,
        along=along,
        start=min(needed[0].start(along), wanted[0].seen[along].start),
    )

    def place(tile: Tile) -> None:
        planes.extend(tile.cells[along].stop)
        planes.place(tile, read(tile))

    placed = Stage(needed, place, along=along)
    for window in wanted:
        planes.drop(window.seen[along].start)
        planes.extend(window.seen[along].stop)
        placed.reach(window.seen[along].stop)
        pixels = draw(*planes.seen(window), quality=header.quality)
        part = common(scaled(window.core, scale), area)
        yield within(part, area), pixels[within(part, scaled(window.seen, scale))]
