"""The symbols of an image, and where the tiles lie in them.

In: tiles one by one, or the arrays of an analysis; out: the other. Analysis and
synthesis look across tile borders, so they work on these planes; the entropy coder
works on tiles. Of a large image the planes hold a band only, see `band`.

Letters: M latent and Z hyper-latent channels, R x C cells of 64 x 64 pixels.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.geometry.areas import scaled
from vaecodec.codec.geometry.band import Band
from vaecodec.codec.geometry.tiling import Tile
from vaecodec.codec.geometry.windows import Window
from vaecodec.models.checkerboard.engine import CELL, PATCH
from vaecodec.models.checkerboard.symbols import TileSymbols

PATCHES = CELL // PATCH  # latent positions along a cell


class SymbolPlanes:
    """Symbols of tiles side by side; positions without pixels stay 0.

    Args:
        grid: rows and columns of cells of the whole image.
        hyper_channels: Z.
        latent_channels: M.
        along: axis on which the planes slide, see `Band`.
        start: the first cell on that axis.

    Attributes:
        hyper_symbols: int16 [Z, R, C].
        latent_symbols: int16 [M, 4 R, 4 C].
    """

    def __init__(
        self,
        grid: tuple[int, int],
        *,
        hyper_channels: int,
        latent_channels: int,
        along: int,
        start: int = 0,
    ) -> None:
        band = partial(Band, grid=grid, dtype=np.int16, along=along, start=start)
        self.hyper_symbols = band(hyper_channels, scale=1)
        self.latent_symbols = band(latent_channels, scale=PATCHES)

    def extend(self, cell: int) -> None:
        """Hold everything before a cell; what was not held is 0."""
        self.hyper_symbols.extend(cell)
        self.latent_symbols.extend(cell)

    def drop(self, cell: int) -> None:
        """Hold no strip any more that lies before a cell."""
        self.hyper_symbols.drop(cell)
        self.latent_symbols.drop(cell)

    def cut(self, tile: Tile) -> TileSymbols:
        """The symbols of one tile."""
        return TileSymbols(
            self.hyper_symbols.read(tile.cells), self.latent_symbols.read(tile.patches)
        )

    def place(self, tile: Tile, symbols: TileSymbols) -> None:
        """Inverse of `cut`."""
        self.hyper_symbols.write(tile.cells, symbols.hyper_symbols)
        self.latent_symbols.write(tile.patches, symbols.latent_symbols)

    def seen(self, window: Window) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Hyper-symbols and latent symbols that a window is given."""
        return (
            self.hyper_symbols.read(window.seen),
            self.latent_symbols.read(scaled(window.seen, PATCHES)),
        )
