"""The symbols of a whole image, and where the tiles lie in them.

In: tiles one by one, or the array of an analysis; out: the other. Analysis and
synthesis look across tile borders, so they work on these planes; the entropy coder
works on tiles.

Letters: M latent and Z hyper-latent channels, R x C cells of 64 x 64 pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.tiling import Tile, cell_grid
from vaecodec.engine.engine import CELL, PATCH
from vaecodec.entropy.symbols import TileSymbols
from vaecodec.format.header import ImageHeader

PATCHES = CELL // PATCH  # latent positions along a cell


class SymbolPlanes:
    """Symbols of all tiles side by side; positions without pixels stay 0.

    Attributes:
        hyper_symbols: int16 [Z, R, C].
        latent_symbols: int16 [M, 4 R, 4 C].
    """

    def __init__(
        self, header: ImageHeader, *, hyper_channels: int, latent_channels: int
    ) -> None:
        rows, columns = cell_grid(header)
        self.hyper_symbols = np.zeros((hyper_channels, rows, columns), np.int16)
        self.latent_symbols = np.zeros(
            (latent_channels, PATCHES * rows, PATCHES * columns), np.int16
        )

    def cut(self, tile: Tile) -> TileSymbols:
        """The symbols of one tile."""
        return TileSymbols(
            np.ascontiguousarray(at(self.hyper_symbols, tile.cells)),
            np.ascontiguousarray(at(self.latent_symbols, tile.patches)),
        )

    def place(self, tile: Tile, symbols: TileSymbols) -> None:
        """Inverse of `cut`."""
        at(self.hyper_symbols, tile.cells)[:] = symbols.hyper_symbols
        at(self.latent_symbols, tile.patches)[:] = symbols.latent_symbols


def at(planes: NDArray[Any], area: tuple[slice, slice]) -> NDArray[Any]:
    """View of an area of planes [channels, rows, columns]."""
    return planes[:, area[0], area[1]]
