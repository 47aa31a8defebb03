from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.codec.whole_image import analyze_whole, synthesize_whole
from vaecodec.codec.analysis import analyze
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.areas import Area, area_of
from vaecodec.codec.geometry.tiling import Tile
from vaecodec.codec.synthesis import synthesize
from vaecodec.format.header import ImageHeader
from vaecodec.models.checkerboard.symbols import TileSymbols

QUALITIES = (10, 50, 90)


@pytest.fixture
def panorama(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB, uint8 [200, 1100, 3]: eighteen cells wide, the last one not complete."""
    both = np.concatenate([coffee, coffee[:, ::-1]], axis=1)
    return np.ascontiguousarray(both[100:300, :1100])


def header_of(image: NDArray[np.uint8], quality: int, tile_log2: int) -> ImageHeader:
    height, width = image.shape[:2]
    return ImageHeader(width, height, 3, quality, tile_log2, bytes(8))


def symbols_of(
    image: NDArray[np.uint8], header: ImageHeader, model: CodecModel
) -> list[TileSymbols]:
    """Of every tile, in the order of the file."""
    found = sorted(analyze(image, header, model), key=lambda part: part[0].number)
    for _, symbols, indexes in found:
        expected = model.coder.scale_indexes(symbols, quality=header.quality)
        np.testing.assert_array_equal(indexes, expected)
    return [symbols for _, symbols, _ in found]


def whole(header: ImageHeader) -> Area:
    return area_of(None, (header.height, header.width))


def image_of(
    symbols: Sequence[TileSymbols], header: ImageHeader, model: CodecModel
) -> NDArray[np.uint8]:
    image = np.full((header.height, header.width, 3), 99, np.uint8)

    def read(tile: Tile) -> TileSymbols:
        return symbols[tile.number]

    for area, pixels in synthesize(read, whole(header), header, model):
        image[area] = pixels
    return image


def differing(one: Sequence[TileSymbols], other: Sequence[TileSymbols]) -> int:
    return sum(
        np.count_nonzero(a.hyper_symbols != b.hyper_symbols)
        + np.count_nonzero(a.latent_symbols != b.latent_symbols)
        for a, b in zip(one, other, strict=True)
    )


def seam(
    image: NDArray[np.uint8],
    header: ImageHeader,
    model: CodecModel,
    monkeypatch: pytest.MonkeyPatch,
    *,
    halo: int,
) -> tuple[int, int]:
    """What cutting into windows of two cells changes: symbols, levels of a sample."""
    symbols = symbols_of(image, header, model)
    whole = image_of(symbols, header, model).astype(int)
    monkeypatch.setattr(windows, "CORE_CELLS", 2)
    monkeypatch.setattr(windows, "HALO_CELLS", halo)
    ties = differing(symbols, symbols_of(image, header, model))
    pieces = image_of(symbols, header, model)
    monkeypatch.undo()
    return ties, int(np.abs(whole - pieces).max())


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("name", ["untrained", "shipped"])
def test_windows_leave_no_seam(
    name: str,
    quality: int,
    panorama: NDArray[np.uint8],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model: CodecModel = request.getfixturevalue(name)
    header = header_of(panorama, quality, 10)
    halo = windows.HALO_CELLS
    ties, levels = seam(panorama, header, model, monkeypatch, halo=halo)
    # A tie that rounds the other way, in 287040 symbols of the shipped model.
    assert ties <= 5
    assert levels <= 1


def test_windows_without_a_halo_leave_seams(
    panorama: NDArray[np.uint8],
    shipped: CodecModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header = header_of(panorama, 50, 10)
    ties, levels = seam(panorama, header, shipped, monkeypatch, halo=0)
    assert ties > 100
    assert levels > 3


@pytest.mark.parametrize("name", ["untrained", "shipped"])
def test_tiles_change_tables_but_no_pixel_at_their_borders(
    name: str, panorama: NDArray[np.uint8], request: pytest.FixtureRequest
) -> None:
    # Small tiles see less context for their tables, which moves some choices of the
    # quantiser; a seam would show as a larger error along the borders.
    model: CodecModel = request.getfixturevalue(name)
    errors = []
    for tile_log2 in (6, 10):
        header = header_of(panorama, 70, tile_log2)
        decoded = image_of(symbols_of(panorama, header, model), header, model)
        errors.append(((decoded.astype(float) - panorama) ** 2).mean(axis=(0, 2)))
    small, large = errors
    border = np.isin(np.arange(1100) % 64, (0, 63))
    excess = small / large
    assert excess[border].mean() < 1.05 * excess[~border].mean()


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (65, 129)])
def test_positions_without_pixels_hold_no_symbols(
    size: tuple[int, int], untrained: CodecModel, coffee: NDArray[np.uint8]
) -> None:
    image = coffee[: size[0], : size[1]]
    [symbols] = symbols_of(image, header_of(image, 50, 10), untrained)
    rows, columns = (-(-side // 16) for side in size)
    channels = untrained.coder.latent_channels
    assert symbols.latent_symbols.shape == (channels, rows, columns)


def test_pixels_beyond_the_edge_repeat_the_last_ones(
    untrained: CodecModel, coffee: NDArray[np.uint8]
) -> None:
    image = coffee[:64, :50]
    filled = np.concatenate([image, np.repeat(image[:, -1:], 14, axis=1)], axis=1)
    [narrow] = symbols_of(image, header_of(image, 50, 10), untrained)
    [wide] = symbols_of(filled, header_of(filled, 50, 10), untrained)
    np.testing.assert_array_equal(narrow.hyper_symbols, wide.hyper_symbols)


@pytest.fixture(params=["wide", "tall"])
def picture(
    request: pytest.FixtureRequest, panorama: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    return panorama if request.param == "wide" else panorama.transpose(1, 0, 2).copy()


@pytest.mark.parametrize(
    ("name", "core", "tile_log2"),
    [("untrained", 2, 6), ("untrained", 3, 7), ("untrained", 2, 8), ("shipped", 16, 8)],
)
def test_a_walk_finds_exactly_what_the_whole_image_holds(
    name: str,
    core: int,
    tile_log2: int,
    picture: NDArray[np.uint8],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model: CodecModel = request.getfixturevalue(name)
    monkeypatch.setattr(windows, "CORE_CELLS", core)
    header = header_of(picture, 60, tile_log2)
    symbols = symbols_of(picture, header, model)
    assert differing(symbols, analyze_whole(picture, header, model)) == 0
    np.testing.assert_array_equal(
        image_of(symbols, header, model), synthesize_whole(symbols, header, model)
    )


def test_memory_does_not_grow_along_the_image(
    untrained: CodecModel, coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "CORE_CELLS", 2)
    peaks = []
    for length in (2400, 9600):
        image = np.tile(coffee[:, :64], (length // 400, 1, 1))
        peaks.append(peak_bytes(image, untrained))
    for short, long in zip(*peaks, strict=True):
        assert long < 1.5 * short  # lists of windows and tiles do grow


def peak_bytes(image: NDArray[np.uint8], model: CodecModel) -> tuple[int, int]:
    """Most bytes in use while an image is analysed, and while it is synthesised."""
    header = header_of(image, 50, 7)
    payloads = {}

    def read(tile: Tile) -> TileSymbols:
        height, width = tile.shape
        return model.coder.decode(
            payloads[tile.number], height=height, width=width, quality=50
        )

    tracemalloc.start()
    for tile, symbols, indexes in analyze(image, header, model):
        payloads[tile.number] = model.coder.encode(symbols, quality=50, indexes=indexes)
    _, analysis = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in synthesize(read, whole(header), header, model):
        pass
    _, synthesis = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return analysis, synthesis
