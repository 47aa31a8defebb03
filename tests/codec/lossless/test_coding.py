from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import vaecodec
from tests.codec.image_files import packed
from tests.codec.lossless.test_estimate import drawing
from vaecodec.codec.lossless import coding, tile_data
from vaecodec.errors import FormatError, ImageError
from vaecodec.format import parse_file
from vaecodec.format.chunks import pack_chunk, parse_chunk
from vaecodec.format.container import pack_file

Samples = NDArray[np.uint8]


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> int:
    """Lossless files that are written have tiles of this side."""
    monkeypatch.setattr(coding, "MAX_LOSSLESS_TILE_LOG2", 7)
    monkeypatch.setattr(coding, "DEFAULT_TILE_LOG2", 7)
    return 128


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_sample_comes_back(astronaut: Samples, channels: int) -> None:
    alpha = np.where(astronaut[:, :, 0] < 90, 0, astronaut[:, :, 1])
    colours = astronaut[:, :, :1] if channels < 3 else astronaut
    planes = [colours, alpha] if channels % 2 == 0 else [colours]
    samples = np.dstack(planes).astype(np.uint8).squeeze()
    data = vaecodec.encode(samples, lossless=True, effort=1)
    assert np.array_equal(vaecodec.decode(data), samples)
    info = vaecodec.inspect(data)
    assert info.lossless
    assert (info.channels, info.quality, info.rounds) == (channels, 100, 1)
    vaecodec.verify(data)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (640, 480), (1700, 1100)])
def test_a_drawing_takes_no_more_than_webp_and_60_bytes(
    size: tuple[int, int], mode: str
) -> None:
    image = drawing(*size, mode)
    webp = packed(image, "WEBP", lossless=True, exact=True, method=4)
    data = vaecodec.compress(image, lossless=True)
    assert len(data) <= len(webp) + 60


def test_tiles_of_a_large_photograph_take_hardly_more(astronaut: Samples) -> None:
    large = Image.fromarray(astronaut).resize((1300, 1100))
    data = vaecodec.compress(large, lossless=True, effort=1)
    assert vaecodec.inspect(data).tile_size == 1024
    assert np.array_equal(vaecodec.decode(data), np.asarray(large))
    webp = packed(large, "WEBP", lossless=True, method=4)
    assert len(data) <= 1.005 * len(webp) + 60


def test_a_region_is_read_from_its_tiles_only(
    coffee: Samples, small_tiles: int
) -> None:
    data = vaecodec.encode(coffee, lossless=True, effort=1)
    file = parse_file(data)
    payloads = [*file.payloads]
    payloads[0] = (b"\0not this one",)
    damaged = pack_file(file.header, payloads)
    found = vaecodec.decode(damaged, region=(100, 140, 60, 70))
    assert np.array_equal(found, coffee[140:210, 100:160])
    with pytest.raises(FormatError, match=r"tile 1 of 20 \(row 0, column 0\)"):
        vaecodec.decode(damaged, region=(100, 120, 60, 70))


def test_what_a_preview_shows_is_the_mean_of_what_is_seen() -> None:
    samples = np.zeros((12, 16, 4), np.uint8)
    samples[:, :8] = 200, 100, 50, 255
    samples[:4, :8] = 7, 7, 7, 0  # hidden colours do not count
    data = vaecodec.encode(samples, lossless=True, effort=1)
    small = vaecodec.decode(data, preview=8)
    assert small.shape == (2, 2, 4)
    assert np.abs(small[0, 0].astype(int) - [200, 100, 50, 128]).max() <= 1
    assert small[1, 0].tolist() == [200, 100, 50, 255]
    assert not small[:, 1].any()


def test_any_number_of_steps_gives_all_that_there_is(camera: Samples) -> None:
    data = vaecodec.encode(camera, lossless=True, effort=1)
    assert np.array_equal(vaecodec.decode(data, steps=2), camera)


def test_damage_stays_in_its_tile(coffee: Samples, small_tiles: int) -> None:
    data = bytearray(vaecodec.encode(coffee, lossless=True, effort=1))
    data[len(data) // 2] ^= 1
    with pytest.raises(FormatError, match="is damaged"):
        vaecodec.verify(bytes(data))
    image, [damage] = vaecodec.recover(bytes(data))
    assert damage.region is not None
    x, y, width, height = damage.region
    there = np.ones(coffee.shape[:2], bool)
    there[y : y + height, x : x + width] = False
    found = np.asarray(image)
    assert np.array_equal(found[there], coffee[there])
    assert np.ptp(found[~there].astype(int), axis=0).max() > 0


def test_a_file_without_a_whole_tile_is_not_recovered(camera: Samples) -> None:
    data = vaecodec.encode(camera, lossless=True, effort=1)
    with pytest.raises(FormatError, match="no tile is whole"):
        vaecodec.recover(data[:-9])


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (lambda data: b"\2" + data[1:], "kind 02, with 8 bits it must be 0 or 1"),
        (lambda data: b"", "kind none"),
        (lambda data: data[:3], "a WebP file of 0 bytes"),
        (lambda data: data[:1] + bytes(4) + data[5:], "do not fit their checksum"),
    ],
)
def test_data_that_lies_is_refused_by_name(
    camera: Samples, lie: Callable[[bytes], bytes], message: str
) -> None:
    file = parse_file(vaecodec.encode(camera, lossless=True, effort=1))
    forged = pack_file(file.header, [[lie(file.payloads[0][0])]])
    for read in (vaecodec.decode, vaecodec.verify):
        with pytest.raises(FormatError, match=message):
            read(forged)


def test_a_tile_is_valid_in_its_own_place_only(
    coffee: Samples, small_tiles: int
) -> None:
    file = parse_file(vaecodec.encode(coffee, lossless=True, effort=1))
    one, other, *rest = file.payloads
    with pytest.raises(FormatError, match=r"tile 1 of 20 .*checksum"):
        vaecodec.decode(pack_file(file.header, [other, one, *rest]))


def test_a_quality_map_and_a_foreign_tile_are_refused(camera: Samples) -> None:
    data = vaecodec.encode(camera, lossless=True, effort=1)
    start = parse_chunk(data, 8).end
    for chunk, message in (
        (pack_chunk("Q", b""), "in a lossless file"),
        (pack_chunk("A", b""), "where 'L' must stand"),
        (pack_chunk("T", b"."), "where 'L' must stand"),
    ):
        with pytest.raises(FormatError, match=message):
            vaecodec.decode(data[:start] + chunk + data[start:])


def test_samples_that_do_not_come_back_are_never_handed_out(
    camera: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(samples: Samples) -> bytes:
        return honest(samples // 2 * 2)

    honest = tile_data.encode_webp
    monkeypatch.setattr(tile_data, "encode_webp", lossy)
    with pytest.raises(ImageError, match="does not give the samples back"):
        vaecodec.encode(camera, lossless=True, effort=1)


@pytest.mark.parametrize("threads", [1, 2, None])
def test_threads_make_the_same_file(
    coffee: Samples, small_tiles: int, threads: int | None
) -> None:
    data = vaecodec.encode(coffee, lossless=True, effort=1, threads=threads)
    assert data == vaecodec.encode(coffee, lossless=True, effort=1, threads=1)
    assert np.array_equal(vaecodec.decode(data, threads=threads), coffee)


def test_less_than_one_thread_is_refused(camera: Samples) -> None:
    data = vaecodec.encode(camera, lossless=True, effort=1)
    with pytest.raises(ValueError, match="0 threads"):
        vaecodec.encode(camera, lossless=True, effort=1, threads=0)
    with pytest.raises(ValueError, match="0 threads"):
        vaecodec.decode(data, threads=0)
