from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecodec.codec.geometry.symbol_planes import SymbolPlanes
from vaecodec.codec.geometry.tiling import cell_grid, tiles
from vaecodec.format.header import ImageHeader
from vaecodec.models.checkerboard.symbols import TileSymbols, hyper_grid


def planes_of(header: ImageHeader) -> SymbolPlanes:
    """All of the image at once."""
    grid = cell_grid(header)
    planes = SymbolPlanes(grid, hyper_channels=2, latent_channels=4, along=0)
    planes.extend(grid[0])
    return planes


def header_of(width: int, height: int, tile_log2: int) -> ImageHeader:
    return ImageHeader(width, height, 3, 50, tile_log2, bytes(8))


headers = st.builds(
    header_of, st.integers(1, 700), st.integers(1, 700), st.integers(6, 10)
)


@given(headers)
def test_tiles_cover_every_position_with_pixels_once(header: ImageHeader) -> None:
    patches = np.zeros((-(-header.height // 16), -(-header.width // 16)), int)
    cells = np.zeros(cell_grid(header), int)
    pixels = np.zeros((header.height, header.width), int)
    for tile in tiles(header):
        pixels[tile.pixels] += 1
        patches[tile.patches] += 1
        cells[tile.cells] += 1
    assert (patches == 1).all()
    assert (cells == 1).all()
    assert (pixels == 1).all()


@given(headers)
def test_the_grid_of_a_tile_follows_from_its_pixels(header: ImageHeader) -> None:
    found = [tile.shape for tile in tiles(header)]
    rows, columns = (
        [-(-min(header.tile_size, side - start) // 16) for start in starts]
        for side, starts in (
            (header.height, range(0, header.height, header.tile_size)),
            (header.width, range(0, header.width, header.tile_size)),
        )
    )
    assert found == [(row, column) for row in rows for column in columns]
    assert len(found) == header.tile_count


@given(headers)
def test_a_tile_begins_at_even_positions(header: ImageHeader) -> None:
    # Else the groups of a tile would not be those of the whole image.
    for tile in tiles(header):
        assert all(part.start % 4 == 0 for part in tile.patches)
        rows, columns = (part.stop - part.start for part in tile.cells)
        assert (rows, columns) == hyper_grid(*tile.shape)


@given(headers, st.integers(0, 2**32 - 1))
def test_what_is_placed_can_be_cut_out_again(header: ImageHeader, seed: int) -> None:
    rng = np.random.default_rng(seed)
    planes = planes_of(header)
    parts = []
    for tile in tiles(header):
        hyper = rng.integers(-31, 32, (2, *hyper_grid(*tile.shape)))
        latent = rng.integers(-99, 100, (4, *tile.shape))
        part = TileSymbols(hyper.astype(np.int16), latent.astype(np.int16))
        planes.place(tile, part)
        parts.append(part)
    for tile, part in zip(tiles(header), parts, strict=True):
        again = planes.cut(tile)
        np.testing.assert_array_equal(again.hyper_symbols, part.hyper_symbols)
        np.testing.assert_array_equal(again.latent_symbols, part.latent_symbols)
    placed = sum(np.abs(part.latent_symbols).sum() for part in parts)
    rows, columns = (slice(0, 4 * size) for size in cell_grid(header))
    assert np.abs(planes.latent_symbols.read((rows, columns))).sum() == placed


def test_symbols_of_another_size_cannot_be_placed() -> None:
    header = header_of(100, 60, 6)
    planes = planes_of(header)
    _, right = tiles(header)
    wrong = TileSymbols(np.zeros((2, 1, 1), np.int16), np.zeros((4, 4, 4), np.int16))
    with pytest.raises(ValueError, match="could not broadcast"):
        planes.place(right, wrong)
