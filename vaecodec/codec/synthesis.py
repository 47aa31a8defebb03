"""Symbols of tiles -> image, in memory that does not grow along the image.

Tiles are read when the next window needs them, and their symbols are forgotten when no
window does. The windows are those of the whole image: pixels do not depend on the walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.stages import Stage, in_order, longer_side
from vaecodec.codec.symbol_planes import SymbolPlanes
from vaecodec.codec.tiling import Tile, cell_grid, tiles
from vaecodec.codec.windows import Window, scaled, windows
from vaecodec.engine.engine import CELL
from vaecodec.entropy.symbols import TileSymbols
from vaecodec.format.header import ImageHeader


def synthesize(
    read: Callable[[Tile], TileSymbols], header: ImageHeader, model: CodecModel
) -> Iterator[tuple[tuple[slice, slice], NDArray[np.uint8]]]:
    """Inverse of `analyze`, with loss.

    Args:
        read: gives the symbols of a tile; is called once for each.
        header: of the image.
        model: the one that made the symbols.

    Yields:
        Rows and columns of the image, and the pixels there [rows, columns, 3].
    """
    along = longer_side(header)
    planes = SymbolPlanes(
        cell_grid(header),
        hyper_channels=model.coder.hyper_channels,
        latent_channels=model.coder.latent_channels,
        along=along,
    )

    def place(tile: Tile) -> None:
        planes.extend(tile.cells[along].stop)
        planes.place(tile, read(tile))

    placed = Stage(tiles(header), place, along=along)
    for window in in_order(windows(*cell_grid(header)), along):
        planes.drop(window.seen[along].start)
        placed.reach(window.seen[along].stop)
        pixels = model.engine.synthesize(*planes.seen(window), quality=header.quality)
        yield _cropped(window, pixels, header)


def _cropped(
    window: Window, pixels: NDArray[np.uint8], header: ImageHeader
) -> tuple[tuple[slice, slice], NDArray[np.uint8]]:
    """The core of a window, as far as the image goes."""
    rows, columns = (
        slice(part.start, min(part.stop, side))
        for part, side in zip(
            scaled(window.core, CELL), (header.height, header.width), strict=True
        )
    )
    core = pixels[window.core_within(CELL)]
    return (rows, columns), core[
        : rows.stop - rows.start, : columns.stop - columns.start
    ]
