from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.codec.whole_image import analyze_whole, synthesize_whole
from tests.models.checkerboard.networks.conftest import TINY, lively_model
from vaecodec.codec.analysis import analyze
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.areas import Area, area_of
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import Tile
from vaecodec.codec.synthesis import synthesize
from vaecodec.codec.tile_coder import Section, no_symbols
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Symbols
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks.table_fitting import no_counts

QUALITIES = (10, 50, 90)


@pytest.fixture
def panorama(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB, uint8 [200, 1100, 3]: eighteen cells wide, the last one not complete."""
    both = np.concatenate([coffee, coffee[:, ::-1]], axis=1)
    return np.ascontiguousarray(both[100:300, :1100])


def header_of(image: NDArray[np.uint8], quality: int, tile_log2: int) -> ImageHeader:
    height, width = image.shape[:2]
    return ImageHeader(width, height, 3, quality, tile_log2, 1, b"a stream", bytes(4))


def symbols_of(
    image: NDArray[np.uint8],
    header: ImageHeader,
    model: CodecModel,
    quality_map: bytes | None = None,
) -> list[Symbols]:
    """Of every tile, in the order of the file."""
    parts = analyze(image, header, model, quality_map=quality_map)
    found = sorted(parts, key=lambda part: part[0].number)
    qualities = QualityMap(header, quality_map, cell=64)
    return [symbols_in(sections, tile, qualities, model) for tile, sections in found]


def symbols_in(
    sections: Sequence[Section], tile: Tile, qualities: QualityMap, model: CodecModel
) -> Symbols:
    """The symbols of a tile's sections, whose indexes must be those of a receiver."""
    height, width = tile.shape
    quality = qualities.read(tile.pixels)
    symbols = no_symbols(model.architecture, height, width)
    predictor = model.architecture.predictor(height, width, quality)
    for number, step in enumerate(model.architecture.steps):
        predictor.scatter(number, sections[number].symbols, symbols.planes[step.plane])
    expected = model.coder.sections(
        symbols, height=height, width=width, quality=quality
    )
    for one, other in zip(sections, expected, strict=True):
        np.testing.assert_array_equal(one.symbols, other.symbols)
        np.testing.assert_array_equal(one.indexes, other.indexes)
    return symbols


def whole(header: ImageHeader) -> Area:
    return area_of(None, (header.height, header.width))


def image_of(
    symbols: Sequence[Symbols],
    header: ImageHeader,
    model: CodecModel,
    quality_map: bytes | None = None,
) -> NDArray[np.uint8]:
    image = np.full((header.height, header.width, 3), 99, np.uint8)

    def read(tile: Tile) -> Symbols:
        return symbols[tile.number]

    drawn = synthesize(read, whole(header), header, model, quality_map=quality_map)
    for area, pixels in drawn:
        image[area] = pixels
    return image


def differing(one: Sequence[Symbols], other: Sequence[Symbols]) -> int:
    return sum(
        np.count_nonzero(a != b)
        for parts in zip(one, other, strict=True)
        for a, b in zip(*parts, strict=True)
    )


def seam(
    image: NDArray[np.uint8],
    header: ImageHeader,
    model: CodecModel,
    monkeypatch: pytest.MonkeyPatch,
    *,
    most: int | None = None,
    quality_map: bytes | None = None,
) -> tuple[int, int]:
    """What cutting into windows of two cells changes: symbols, levels of a sample.

    With `most`, windows see no further than so many pixels beyond their borders.
    """
    symbols = symbols_of(image, header, model, quality_map)
    whole = image_of(symbols, header, model, quality_map).astype(int)
    monkeypatch.setattr(windows, "CORE_PIXELS", 128)
    if most is not None:
        shortened(model, most, monkeypatch)
    ties = differing(symbols, symbols_of(image, header, model, quality_map))
    pieces = image_of(symbols, header, model, quality_map)
    monkeypatch.undo()
    return ties, int(np.abs(whole - pieces).max())


def shortened(model: CodecModel, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a model say that it looks no further than so many pixels."""
    made: Any = model.architecture
    grid, steps = made.grid, made.steps
    reaches = {
        name: min(most, getattr(grid, name))
        for name in ("analysis_reach", "painter_reach", "preview_reach")
    }
    monkeypatch.setattr(made, "grid", replace(grid, **reaches))
    means = [step.means_reach for step in steps]
    shorter = [
        step if reach is None else replace(step, means_reach=min(most, reach))
        for step, reach in zip(steps, means, strict=True)
    ]
    monkeypatch.setattr(made, "steps", tuple(shorter))


@pytest.fixture(scope="module")
def deeper() -> CodecModel:
    """The shipped architecture with more blocks, each of which says something."""
    sizes = replace(TINY, analysis_blocks=(7, 3), synthesis_blocks=(3, 7))
    data = to_file(lively_model(sizes), counts=no_counts(), training_images=0)
    return CodecModel(parse_model(data))


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("name", ["untrained", "shipped", "deeper"])
def test_windows_leave_no_seam(
    name: str,
    quality: int,
    panorama: NDArray[np.uint8],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model: CodecModel = request.getfixturevalue(name)
    header = header_of(panorama, quality, 10)
    ties, levels = seam(panorama, header, model, monkeypatch)
    # A tie that rounds the other way, in 287040 symbols of the shipped model.
    assert ties <= 5
    assert levels <= 1


def steps_of_quality(header: ImageHeader) -> bytes:
    """Three cells of each quality side by side, from 20 to 90."""
    rows, columns = -(-header.height // 64), -(-header.width // 64)
    row = [20 + 10 * (column // 3 % 8) for column in range(columns)]
    return bytes(rows * row)


@pytest.mark.parametrize("name", ["untrained", "shipped", "deeper"])
def test_windows_leave_no_seam_where_the_quality_changes(
    name: str,
    panorama: NDArray[np.uint8],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Some windows are given one quality and some a map.
    model: CodecModel = request.getfixturevalue(name)
    header = header_of(panorama, 50, 10)
    cells = steps_of_quality(header)
    ties, levels = seam(panorama, header, model, monkeypatch, quality_map=cells)
    assert ties <= 5
    assert levels <= 1


@pytest.mark.parametrize("name", ["shipped", "deeper"])
def test_windows_without_a_halo_leave_seams(
    name: str,
    panorama: NDArray[np.uint8],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header, model = header_of(panorama, 50, 10), request.getfixturevalue(name)
    ties, levels = seam(panorama, header, model, monkeypatch, most=0)
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
    for plane, values in zip(untrained.architecture.grid.planes, symbols, strict=True):
        rows, columns = (-(-side // plane.pixels) for side in size)
        assert values.shape == (plane.channels, rows, columns)


def test_pixels_beyond_the_edge_repeat_the_last_ones(
    untrained: CodecModel, coffee: NDArray[np.uint8]
) -> None:
    image = coffee[:64, :50]
    filled = np.concatenate([image, np.repeat(image[:, -1:], 14, axis=1)], axis=1)
    [narrow] = symbols_of(image, header_of(image, 50, 10), untrained)
    [wide] = symbols_of(filled, header_of(filled, 50, 10), untrained)
    np.testing.assert_array_equal(narrow.planes[0], wide.planes[0])


@pytest.fixture(params=["wide", "tall"])
def picture(
    request: pytest.FixtureRequest, panorama: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    return panorama if request.param == "wide" else panorama.transpose(1, 0, 2).copy()


@pytest.mark.parametrize(
    ("name", "core", "tile_log2"),
    [
        ("untrained", 128, 6),
        ("untrained", 192, 7),
        ("untrained", 128, 8),
        ("deeper", 128, 7),
        ("shipped", 1024, 8),
    ],
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
    monkeypatch.setattr(windows, "CORE_PIXELS", core)
    header = header_of(picture, 60, tile_log2)
    for cells in (None, steps_of_quality(header)):
        symbols = symbols_of(picture, header, model, cells)
        assert differing(symbols, analyze_whole(picture, header, model, cells)) == 0
        np.testing.assert_array_equal(
            image_of(symbols, header, model, cells),
            synthesize_whole(symbols, header, model, cells),
        )


def test_memory_does_not_grow_along_the_image(
    untrained: CodecModel, coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "CORE_PIXELS", 128)
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

    def read(tile: Tile) -> Symbols:
        height, width = tile.shape
        return model.coder.decode(
            payloads[tile.number],
            fused=True,
            height=height,
            width=width,
            quality=QualityMap(header, None, cell=64).read(tile.pixels),
        ).latents

    tracemalloc.start()
    for tile, sections in analyze(image, header, model):
        payloads[tile.number] = model.coder.encode(sections, fused=True)
    _, analysis = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in synthesize(read, whole(header), header, model):
        pass
    _, synthesis = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return analysis, synthesis
