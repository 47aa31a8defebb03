from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vaecodec.codec.geometry.areas import shape_of
from vaecodec.codec.geometry.planes import Planes, on_plane
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import Tile, tiles
from vaecodec.codec.geometry.windows import whole_cells
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Grid, Plane

# Of three resolutions, as an architecture might have them.
PLANES = Plane(2, 64), Plane(4, 16), Plane(1, 8)
GRID = Grid(cell=64, planes=PLANES, analysis_reach=0, painter_reach=0, preview_reach=0)


def planes_of(header: ImageHeader, along: int = 0) -> Planes:
    """All of the image at once."""
    size = whole_cells(header, GRID.cell)
    planes = Planes(GRID, size, dtype=np.int16, along=along)
    planes.extend(size[along])
    return planes


def header_of(width: int, height: int, tile_log2: int) -> ImageHeader:
    return ImageHeader(width, height, 3, 50, tile_log2, 1, b"a stream", bytes(4))


headers = st.builds(
    header_of, st.integers(1, 700), st.integers(1, 700), st.integers(6, 10)
)


@given(headers)
def test_tiles_cover_every_position_with_pixels_once(header: ImageHeader) -> None:
    size = header.height, header.width
    pixels = np.zeros(size, int)
    covered = [np.zeros(plane.shape(*size)[1:], int) for plane in PLANES]
    for tile in tiles(header):
        pixels[tile.pixels] += 1
        for plane, counted in zip(PLANES, covered, strict=True):
            counted[on_plane(plane, tile.pixels)] += 1
    assert (pixels == 1).all()
    assert all((counted == 1).all() for counted in covered)


@given(headers)
def test_the_shape_of_a_tile_follows_from_its_place(header: ImageHeader) -> None:
    found = [tile.shape for tile in tiles(header)]
    rows, columns = (
        [min(header.tile_size, side - start) for start in starts]
        for side, starts in (
            (header.height, range(0, header.height, header.tile_size)),
            (header.width, range(0, header.width, header.tile_size)),
        )
    )
    assert found == [(row, column) for row in rows for column in columns]
    assert len(found) == header.tile_count


@given(headers)
def test_a_tile_begins_at_cells_of_every_model(header: ImageHeader) -> None:
    # Else the lattices of a tile would not be those of the whole image.
    for tile in tiles(header):
        assert tile.start(0) % 64 == tile.start(1) % 64 == 0
        for plane in PLANES:
            area = on_plane(plane, tile.pixels)
            assert plane.shape(*tile.shape) == (plane.channels, *shape_of(area))


def drawn(tile: Tile, rng: np.random.Generator) -> list[NDArray[Any]]:
    shapes = [plane.shape(*tile.shape) for plane in PLANES]
    return [rng.integers(-99, 100, shape).astype(np.int16) for shape in shapes]


@given(headers, st.integers(0, 2**32 - 1), st.sampled_from([0, 1]))
def test_what_is_written_can_be_read_again(
    header: ImageHeader, seed: int, along: int
) -> None:
    rng = np.random.default_rng(seed)
    planes, parts = planes_of(header, along), []
    for tile in tiles(header):
        parts.append(drawn(tile, rng))
        for number, values in enumerate(parts[-1]):
            planes.write(number, tile.pixels, values)
    for tile, part in zip(tiles(header), parts, strict=True):
        for found, values in zip(planes.read_all(tile.pixels), part, strict=True):
            np.testing.assert_array_equal(found, values)
    height, width = whole_cells(header, GRID.cell)
    everything = planes.read_all((slice(0, height), slice(0, width)))
    for number, found in enumerate(everything):
        written = sum(np.abs(part[number]).sum() for part in parts)
        assert np.abs(found).sum() == written


def test_planes_slide_along_the_image_together() -> None:
    planes = Planes(GRID, (640, 64), dtype=np.int16, along=0, start=128)
    planes.extend(256)
    planes.extend(320)
    planes.drop(256)
    held, gone = (slice(256, 320), slice(0, 64)), (slice(192, 320), slice(0, 64))
    shapes = [values.shape for values in planes.read_all(held)]
    assert shapes == [(2, 1, 1), (4, 4, 4), (1, 8, 8)]
    for number in range(len(PLANES)):
        with pytest.raises(IndexError):
            planes.read(number, gone)


def test_values_of_another_size_cannot_be_written() -> None:
    header = header_of(100, 60, 6)
    planes = planes_of(header)
    _, right = tiles(header)
    with pytest.raises(ValueError, match="could not broadcast"):
        planes.write(1, right.pixels, np.zeros((4, 4, 4), np.int16))


@pytest.mark.parametrize("cell", [16, 32, 64])
def test_a_map_gives_every_cell_of_the_model_its_quality(cell: int) -> None:
    header = header_of(200, 100, 7)  # two rows of four cells of 64 pixels
    values = [[10, 20, 30, 30], [50, 60, 30, 30]]
    quality = QualityMap(header, bytes([*values[0], *values[1]]), cell=cell)
    left, right = tiles(header)
    fine = 64 // cell
    rows, columns = (-(-side // cell) for side in left.shape)
    expected = np.kron(np.array(values), np.ones((fine, fine), int))[:rows, :columns]
    found = quality.read(left.pixels)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected)
    assert quality.read(right.pixels).tolist() == [[30]]  # which costs less


def test_the_quality_of_a_header_is_that_of_every_area() -> None:
    header = header_of(100, 60, 6)
    for tile in tiles(header):
        quality = QualityMap(header, None, cell=64).read(tile.pixels)
        assert (quality.dtype, quality.tolist()) == (np.uint8, [[50]])
