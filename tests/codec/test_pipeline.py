from __future__ import annotations

import gc
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from vaecodec.api import compress, decode, decompress, encode, verify
from vaecodec.codec import image_coding
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import area_of
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import Tile, tiles
from vaecodec.codec.image_coding import decode_with, encode_with, read_tile
from vaecodec.codec.synthesis import synthesize
from vaecodec.errors import FormatError, ModelError
from vaecodec.format.container import ImageFile, parse_file
from vaecodec.models.architecture import Symbols

Samples = NDArray[np.uint8]
Readers = list[Callable[[bytes], object]]


def psnr(one: Samples, other: Samples) -> float:
    mse = np.mean((one.astype(float) - other) ** 2)
    return float(10 * np.log10(255**2 / max(mse, 1e-3)))


def round_trip(model: CodecModel, image: Samples, quality: int) -> tuple[int, Samples]:
    data = encode_with(model, image, quality=quality)
    return len(data), decode_with(model, parse_file(data))


def crop(image: Samples, height: int, width: int) -> Samples:
    return image[40 : 40 + height, 160 : 160 + width]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    height=st.integers(1, 130),
    width=st.integers(1, 130),
    channels=st.integers(1, 4),
    quality=st.integers(0, 100),
)
def test_size_channels_and_alpha_survive(
    untrained_path: Path,
    photographs: tuple[Samples, Samples],
    *,
    height: int,
    width: int,
    channels: int,
    quality: int,
) -> None:
    image = crop(photographs[channels < 3], height, width)
    if channels in (2, 4):
        image = np.dstack([image, crop(photographs[1].T, height, width)])
    data = encode(image, quality, model=untrained_path, threads=1)
    again = decode(data, painter=untrained_path, threads=1)
    assert (again.shape, again.dtype) == (image.shape, np.uint8)
    assert psnr(again, image) > 12
    if channels in (2, 4):
        np.testing.assert_array_equal(again[..., -1], image[..., -1])


@pytest.fixture(scope="session")
def photographs(photograph: Callable[[str], Image.Image]) -> tuple[Samples, Samples]:
    """RGB and gray."""
    return np.array(photograph("astronaut")), np.array(photograph("camera"))


def adversarial() -> dict[str, Samples]:
    rng = np.random.default_rng(1)
    rows, columns = np.indices((70, 90))
    checkerboard = np.where((rows + columns) % 2, 255, 0).astype(np.uint8)
    stripes = np.where(columns // 8 % 2, 255, 0).astype(np.uint8)
    return {
        "black": np.zeros((70, 90, 3), np.uint8),
        "white": np.full((70, 90, 3), 255, np.uint8),
        "noise": rng.integers(0, 256, (65, 63, 3), np.uint8),
        "gray noise": rng.integers(0, 256, (63, 65), np.uint8),
        "extremes": rng.integers(0, 2, (70, 90, 3), np.uint8) * np.uint8(255),
        "checkerboard": checkerboard,
        "stripes": stripes,
        "one pixel": np.full((1, 1, 3), 200, np.uint8),
        "one gray pixel": np.full((1, 1), 13, np.uint8),
        "17 x 1": np.linspace(0, 255, 17).astype(np.uint8)[None],
        "1 x 300": np.linspace(0, 255, 300).astype(np.uint8)[:, None],
        "red": np.broadcast_to(np.array([255, 0, 0], np.uint8), (64, 64, 3)),
    }


@pytest.mark.parametrize("quality", [0, 50, 100])
@pytest.mark.parametrize("content", adversarial())
@pytest.mark.parametrize("name", ["untrained", "shipped"])
def test_no_content_is_too_much(
    name: str, content: str, quality: int, request: pytest.FixtureRequest
) -> None:
    model: CodecModel = request.getfixturevalue(name)
    image = adversarial()[content]
    size, again = round_trip(model, image, quality)
    assert again.shape == image.shape
    # A flat gray image of the best constant would reach 4.8 dB on black and white.
    assert psnr(again, image) > 5
    assert size < 2 * image.size + 1000


@pytest.mark.parametrize("name", ["untrained", "shipped"])
def test_flat_images_come_back_flat(name: str, request: pytest.FixtureRequest) -> None:
    model: CodecModel = request.getfixturevalue(name)
    for level in (0, 90, 255):
        image = np.full((100, 80, 3), level, np.uint8)
        _, again = round_trip(model, image, 100)
        assert np.abs(again.astype(int) - level).mean() < 8


def entropy(model: CodecModel, file: ImageFile) -> float:
    """Bits of all symbols according to the frequency tables."""
    costs = model.architecture.tables.cost_bits(cap=255)
    bits = 0.0
    for tile in tiles(file.header):
        height, width = tile.shape
        for section in model.coder.sections(
            read_tile(model, file, tile).symbols,
            height=height,
            width=width,
            quality=QualityMap(file.header, None, cell=64).read(tile.pixels),
        ):
            values = section.symbols.clip(-255, 255) + 255
            bits += costs[section.indexes, values].sum(dtype=float)
    return bits


@pytest.mark.parametrize("quality", [0, 25, 50, 75, 100])
@pytest.mark.parametrize("name", ["untrained", "shipped"])
def test_a_file_is_as_large_as_its_tables_say(
    name: str, quality: int, astronaut: Samples, request: pytest.FixtureRequest
) -> None:
    model: CodecModel = request.getfixturevalue(name)
    data = encode_with(model, astronaut, quality=quality)
    expected = entropy(model, parse_file(data)) / 8
    # Beside the symbols: the container, and in each payload a checksum and what fills
    # the last word.
    assert -8 < len(data) - expected < 0.005 * expected + 40 + 4


def test_the_container_takes_at_most_40_bytes(
    shipped: CodecModel, astronaut: Samples
) -> None:
    wide = np.concatenate([astronaut, astronaut[:, :256]], axis=1)
    for image in (wide, astronaut[:1, :1]):
        data = encode_with(shipped, image, quality=10)
        [[payload]] = parse_file(data).payloads
        assert len(data) - len(payload) <= 40


@pytest.mark.parametrize("name", ["coffee", "chelsea", "camera"])
def test_rate_and_psnr_grow_with_quality(
    name: str, shipped: CodecModel, request: pytest.FixtureRequest
) -> None:
    image: Samples = request.getfixturevalue(name)
    curve = [round_trip(shipped, image, quality) for quality in range(0, 101, 10)]
    sizes = [size for size, _ in curve]
    psnrs = [psnr(again, image) for _, again in curve]
    assert sizes == sorted(set(sizes))
    assert psnrs == sorted(set(psnrs))
    assert psnrs[0] > 17
    assert psnrs[-1] > 35


def test_a_fresh_process_decodes_the_same_pixels(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chelsea: Samples,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(chelsea).save("cat.png")
    begin = "import numpy, sys, vaecodec\nfrom pathlib import Path\n"
    pack = "Path('cat.vaec').write_bytes(vaecodec.compress('cat.png', threads=1))"
    unpack = (
        "image = vaecodec.decompress(Path('cat.vaec').read_bytes(), threads=1)\n"
        "numpy.save('cat.npy', numpy.asarray(image))"
    )
    for script in (pack, unpack):
        done = run_python("-c", begin + script)
        assert (done.returncode, done.stderr) == (0, "")
    here = decompress(Path("cat.vaec").read_bytes(), threads=1)
    np.testing.assert_array_equal(np.load("cat.npy"), np.asarray(here))


@pytest.fixture(scope="session")
def small_file(untrained_path: Path, photographs: tuple[Samples, Samples]) -> bytes:
    """The file of a photograph of 32 x 24 pixels, some hundred bytes."""
    return encode(crop(photographs[0], 24, 32), 30, model=untrained_path, threads=1)


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_changed_byte_is_refused(
    mask: int,
    small_file: bytes,
    readers: Readers,
) -> None:
    for position in range(len(small_file)):
        damaged = bytearray(small_file)
        damaged[position] ^= mask
        for reader in readers:
            with pytest.raises((FormatError, ModelError)):
                reader(bytes(damaged))


def test_every_truncation_is_refused(small_file: bytes, readers: Readers) -> None:
    for length in range(len(small_file)):
        for reader in readers:
            with pytest.raises(FormatError):
                reader(small_file[:length])


def test_bytes_after_the_end_are_refused(
    small_file: bytes, untrained_path: Path
) -> None:
    with pytest.raises(FormatError, match="1 bytes after the last tile"):
        decode(small_file + b"\0", painter=untrained_path)


def test_a_file_of_another_model_is_refused(
    small_file: bytes, shipped: CodecModel
) -> None:
    with pytest.raises(
        ModelError, match=f"'standard' is model {shipped.stream_id.hex()}"
    ):
        decode(small_file, painter="standard")
    with pytest.raises(ModelError, match="no model with the id"):
        decode(small_file)


@pytest.fixture
def tiled(
    untrained: CodecModel, astronaut: Samples, monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """150 x 70 pixels in two rows of three tiles."""
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
    return encode_with(untrained, crop(astronaut, 70, 150), quality=50)


def test_tiles_come_back_in_their_places(
    tiled: bytes, untrained: CodecModel, astronaut: Samples
) -> None:
    file = parse_file(tiled)
    image = crop(astronaut, 70, 150)
    assert len(file.payloads) == 6
    again = decode_with(untrained, file)
    assert again.shape == image.shape
    for top in (0, 64):
        for left in (0, 64, 128):
            part = np.s_[top : top + 64, left : left + 64]
            assert psnr(again[part], image[part]) > 25


def test_damage_names_the_tile(tiled: bytes, untrained: CodecModel) -> None:
    file = parse_file(tiled)
    for number in range(6):
        payloads = list(file.payloads)
        payloads[number] = [payloads[number][0][:-1] + b"\x55"]
        damaged = type(file)(file.header, tuple(payloads))
        place = f"tile {number + 1} of 6 .row {number // 3}, column {number % 3}.: "
        with pytest.raises(FormatError, match=place):
            decode_with(untrained, damaged)


def test_verify_passes_what_compress_wrote(
    astronaut: Samples, untrained_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = compress(Image.fromarray(crop(astronaut, 50, 60)), model=untrained_path)
    monkeypatch.setenv("VAECODEC_MODELS", str(untrained_path.parent))
    verify(data)
    assert decompress(data).size == (60, 50)


def test_threads_of_the_caller_decode_at_the_same_time(
    small_file: bytes, tiled: bytes, untrained_path: Path
) -> None:
    def read(data: bytes) -> Samples:
        return decode(data, painter=untrained_path, threads=2)

    expected = {
        data: decode(data, painter=untrained_path) for data in (small_file, tiled)
    }
    with ThreadPoolExecutor(4) as pool:
        jobs = [(data, pool.submit(read, data)) for data in 10 * (small_file, tiled)]
    for data, job in jobs:
        np.testing.assert_array_equal(job.result(), expected[data])


def test_gray_is_the_rounded_mean_of_the_channels(
    untrained: CodecModel, camera: Samples
) -> None:
    data = encode_with(untrained, crop(camera, 70, 90), quality=20)
    file = parse_file(data)

    def read(tile: Tile) -> Symbols:
        return read_tile(untrained, file, tile).latents

    [(_, colour)] = synthesize(read, area_of(None, (70, 90)), file.header, untrained)
    assert len(np.unique(np.ptp(colour, axis=2))) > 1
    mean = np.floor(colour.mean(axis=2) + 0.5)
    np.testing.assert_array_equal(decode_with(untrained, file), mean)


def test_no_memory_is_left_to_the_collector_of_cycles(
    untrained: CodecModel, camera: NDArray[np.uint8]
) -> None:
    image = crop(camera, 70, 90)
    file = parse_file(encode_with(untrained, image, quality=50))
    decode_with(untrained, file)
    gc.collect()
    gc.disable()
    try:
        encode_with(untrained, image, quality=50)
        decode_with(untrained, file)
        assert gc.collect() == 0
    finally:
        gc.enable()
