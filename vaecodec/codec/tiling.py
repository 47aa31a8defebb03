"""Tiles: the parts of an image whose symbols are coded independently of each other.

In: the header of an image; out: where each tile lies in the arrays of the whole image.
Unlike windows, tiles are part of the file: decoding one needs no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vaecodec.engine.engine import CELL, PATCH
from vaecodec.format.header import ImageHeader


@dataclass(frozen=True)
class Tile:
    """One tile in units of the whole image's grids.

    Attributes:
        number: how many tiles come before it in the file.
        cells: rows and columns of the hyper-latent.
        patches: rows and columns of the latent that hold any pixel of the image.
        pixels: rows and columns of the image.
    """

    number: int
    cells: tuple[slice, slice]
    patches: tuple[slice, slice]
    pixels: tuple[slice, slice]

    def start(self, along: int) -> int:
        """First cell on axis 0 or 1."""
        start: int = self.cells[along].start
        return start

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the tile's latent."""
        rows, columns = self.patches
        return rows.stop - rows.start, columns.stop - columns.start


def tiles(header: ImageHeader) -> Iterator[Tile]:
    """The tiles of an image, row after row as in the file."""
    for number in range(header.tile_count):
        row, column = divmod(number, header.tile_columns)
        rows = _extent(row * header.tile_size, header.height, header.tile_size)
        columns = _extent(column * header.tile_size, header.width, header.tile_size)
        yield Tile(
            number=number,
            cells=(_covering(rows, CELL), _covering(columns, CELL)),
            patches=(_covering(rows, PATCH), _covering(columns, PATCH)),
            pixels=(slice(*rows), slice(*columns)),
        )


def cell_grid(header: ImageHeader) -> tuple[int, int]:
    """Rows and columns of cells (64 pixels square) that cover an image."""
    return -(-header.height // CELL), -(-header.width // CELL)


def _extent(start: int, length: int, size: int) -> tuple[int, int]:
    return start, min(start + size, length)


def _covering(pixels: tuple[int, int], unit: int) -> slice:
    return slice(pixels[0] // unit, -(-pixels[1] // unit))
