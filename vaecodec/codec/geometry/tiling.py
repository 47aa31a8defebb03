"""Tiles: the parts of an image whose symbols are coded independently of each other.

In: the header of an image; out: where each tile lies in the image. Unlike windows,
tiles are part of the file: decoding one needs no other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from vaecodec.codec.geometry.areas import Area, shape_of
from vaecodec.errors import FormatError
from vaecodec.format.header import ImageHeader


@dataclass(frozen=True)
class Tile:
    """One tile.

    Attributes:
        number: how many tiles come before it in the file.
        pixels: rows and columns of the image.
    """

    number: int
    pixels: Area

    def start(self, along: int) -> int:
        """First pixel on axis 0 or 1."""
        start: int = self.pixels[along].start
        return start

    def stop(self, along: int) -> int:
        """First pixel behind it on axis 0 or 1."""
        stop: int = self.pixels[along].stop
        return stop

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of pixels."""
        return shape_of(self.pixels)


def tiles(header: ImageHeader) -> Iterator[Tile]:
    """The tiles of an image, row after row as in the file."""
    for number in range(header.tile_count):
        row, column = divmod(number, header.tile_columns)
        pixels = (
            _extent(row, header.tile_size, header.height),
            _extent(column, header.tile_size, header.width),
        )
        yield Tile(number, pixels)


def tile_name(number: int, header: ImageHeader) -> str:
    """Which tile this is, in words."""
    row, column = divmod(number, header.tile_columns)
    return f"tile {number + 1} of {header.tile_count} (row {row}, column {column})"


@contextlib.contextmanager
def tile_named(tile: Tile, header: ImageHeader) -> Iterator[None]:
    """Say of which tile something is wrong."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{tile_name(tile.number, header)}: {error}") from error


def _extent(number: int, size: int, length: int) -> slice:
    return slice(number * size, min((number + 1) * size, length))
