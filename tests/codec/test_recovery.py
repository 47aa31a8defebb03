from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.api import decode, decompress, encode, recover, verify
from vaecodec.codec import image_coding
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import encode_with
from vaecodec.errors import FormatError, ModelError
from vaecodec.format.chunks import pack_chunk, parse_chunk
from vaecodec.format.container import pack_file, parse_file
from vaecodec.format.header import pack_fields
from vaecodec.format.metadata import Metadata
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine

SIDE = 64
REACH = 240  # pixels, as FORMAT.md says


@pytest.fixture
def data(
    shipped: CodecModel, coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """RGB and alpha, 600 x 400 pixels in tiles of 64, with Exif."""
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
    alpha = np.arange(400 * 600).reshape(400, 600) // 1000
    image = np.dstack([coffee, alpha.astype(np.uint8)])
    return encode_with(shipped, image, quality=50, metadata=Metadata(exif=b"MM\0*"))


def tile_places(data: bytes) -> list[int]:
    """Where the payload chunks of all tiles begin."""
    places, position = [], 8
    while position < len(data):
        chunk = parse_chunk(data, position)
        if chunk.type == "T":
            places.append(position)
        position = chunk.end
    return places


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def test_a_whole_file_is_decompressed(data: bytes) -> None:
    image, damages = recover(data, threads=1)
    assert damages == []
    expected = decompress(data, threads=1)
    np.testing.assert_array_equal(np.asarray(image), np.asarray(expected))
    assert image.info == expected.info


def test_damage_stays_in_its_tile(data: bytes) -> None:
    number = 3 * 10 + 4
    image, [damage] = recover(flipped(data, tile_places(data)[number] + 9), threads=1)
    assert damage.region == (4 * SIDE, 3 * SIDE, SIDE, SIDE)
    assert damage.reason.startswith("tile 35 of 70 (row 3, column 4): at byte")
    assert image.info["exif"] == b"MM\0*"
    expected = np.asarray(decompress(data, threads=1)).astype(int)
    found = np.asarray(image).astype(int)
    tile = slice(3 * SIDE, 4 * SIDE), slice(4 * SIDE, 5 * SIDE)
    far = np.ones(expected.shape[:2], bool)
    far[:, 4 * SIDE - REACH : 5 * SIDE + REACH] = False
    assert np.abs(found - expected)[far].max() <= 1
    near = np.ones(expected.shape[:2], bool)
    near[tile] = False
    np.testing.assert_array_equal(found[..., 3][near], expected[..., 3][near])
    # The networks spread it a little, and no further than they look.
    assert np.abs(found - expected)[near].mean() < 2


def mean_step(image: NDArray[np.uint8], x: int, y: int, side: int) -> float:
    """Mean difference of pixels across the edges of a square."""
    rows, columns = slice(y + 2, y + side - 2), slice(x + 2, x + side - 2)
    steps = [
        image[rows, [x - 1, x + side - 1]] - image[rows, [x, x + side]].astype(int)
    ]
    steps += [
        image[[y - 1, y + side - 1], columns]
        - image[[y, y + side], columns].astype(int)
    ]
    return float(np.mean([np.abs(step).mean() for step in steps]))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "camera"])
def test_a_damaged_tile_is_filled_without_edges(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 7)
    image: NDArray[np.uint8] = request.getfixturevalue(name)
    data = encode(image, quality=50, threads=1)
    columns = -(-image.shape[1] // 128)
    found, [damage] = recover(flipped(data, tile_places(data)[columns + 1] + 9))
    assert damage.region == (128, 128, 128, 128)
    expected = decode(data, threads=1)
    step = mean_step(np.asarray(found), 128, 128, 128)
    assert step < 1.1 * mean_step(expected, 128, 128, 128)
    # Inside it is as smooth.
    assert mean_step(np.asarray(found), 160, 160, 64) < 1


def test_holes_that_touch_are_one_surface_and_alpha_is_filled_as_well(
    data: bytes,
) -> None:
    lost = [23, 24, 25, 33, 34, 35]
    damaged = data
    for number in lost:
        damaged = flipped(damaged, tile_places(data)[number] + 9)
    image, damages = recover(damaged, threads=1)
    assert len(damages) == len(lost)
    found = np.asarray(image).astype(int)
    hole = found[2 * SIDE : 4 * SIDE, 3 * SIDE : 6 * SIDE]
    # Where the tiles touch it is as smooth as everywhere far from the edge.
    inner = hole[16:-16, 16:-16, :3]
    steps = [np.abs(np.diff(inner, axis=axis)).mean(axis=1 - axis) for axis in (0, 1)]
    assert max(step.max() for step in steps) < 3
    whole = np.asarray(decompress(data, threads=1)).astype(int)
    alpha = whole[2 * SIDE : 4 * SIDE, 3 * SIDE : 6 * SIDE, 3]
    assert np.abs(hole[..., 3] - alpha).max() <= 2


def test_all_but_a_narrow_strip_may_be_damaged(
    coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
    data = encode(coffee[:64, :72], threads=1)
    image, _ = recover(flipped(data, tile_places(data)[0] + 9), threads=1)
    strip = decode(data, threads=1)[:, 64:]
    assert np.abs(np.asarray(image).mean((0, 1)) - strip.mean((0, 1))).max() < 20


def test_a_file_that_is_cut_off_shows_its_first_tiles(data: bytes) -> None:
    image, damages = recover(data[: tile_places(data)[40] + 5], threads=1)
    assert [damage.region for damage in damages] == [
        (64 * (n % 10), 64 * (n // 10), min(64, 600 - 64 * (n % 10)), h)
        for n in range(40, 70)
        for h in [min(64, 400 - 64 * (n // 10))]
    ]
    expected = np.asarray(decompress(data, threads=1)).astype(int)
    assert np.abs(np.asarray(image).astype(int) - expected)[:40].max() <= 1


def test_damage_beside_the_tiles_costs_no_pixel(data: bytes) -> None:
    start = parse_chunk(data, 8).end
    image, [damage] = recover(flipped(data, start + 5), threads=1)
    assert damage.region is None
    assert "chunk 'e' is damaged" in damage.reason
    assert "exif" not in image.info
    expected = np.asarray(decompress(data, threads=1))
    np.testing.assert_array_equal(np.asarray(image), expected)


def test_verify_says_all_that_is_wrong(data: bytes) -> None:
    places = tile_places(data)
    damaged = flipped(flipped(data, places[3] + 7), places[60] + 7)
    damaged = flipped(damaged, parse_chunk(data, 8).end + 5)
    with pytest.raises(FormatError) as caught:
        verify(damaged)
    exif, one, other = str(caught.value).split("; ")
    assert "chunk 'e' is damaged" in exif
    assert one.startswith("tile 4 of 70 (row 0, column 3): at byte")
    assert other.startswith("tile 61 of 70 (row 6, column 0): at byte")
    with pytest.raises(
        FormatError, match=r"^at byte \d+: 3 bytes after the last tile$"
    ):
        verify(data + b"end")


def test_verify_says_in_one_short_line_that_much_is_wrong(data: bytes) -> None:
    places = tile_places(data)
    with pytest.raises(FormatError) as caught:
        verify(data[: places[40] + 5])
    assert str(caught.value).startswith("tile 41 of 70 (row 4, column 0) and 29 more")
    assert ";" not in str(caught.value)
    for place in places[1:16:2]:
        data = flipped(data, place + 7)
    with pytest.raises(FormatError) as caught:
        verify(data)
    *five, rest = str(caught.value).split("; ")
    assert len(five) == 5
    assert rest == "and 3 more"


def test_a_payload_that_lies_is_refused(data: bytes) -> None:
    lie = lying(data, parse_file(data).payloads[12][0])
    for reader in (verify, recover):
        with pytest.raises(
            FormatError, match=r"tile 13 of 70 .* checksum does not match"
        ):
            reader(lie)


def test_a_header_that_lies_is_refused_before_anything_is_painted(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = parse_file(data)
    huge = replace(file.header, width=1, height=1 << 20)
    claimed = data[:8] + pack_chunk("H", pack_fields(huge))
    last_tile = pack_chunk("A", file.alphas[-1]) + pack_chunk("T", *file.payloads[-1])
    monkeypatch.setattr(OnnxEngine, "synthesize", None)  # it would take minutes
    with pytest.raises(FormatError, match=r"tile 16384 of 16384 .* checksum does not"):
        recover(claimed + b"damage" + last_tile)


def test_after_the_first_lie_no_more_are_looked_for(data: bytes) -> None:
    payloads = [payload for [payload] in parse_file(data).payloads]
    lies = lying(lying(data, payloads[12]), payloads[30])
    damaged = flipped(lies, tile_places(data)[50] + 9)
    with pytest.raises(FormatError) as caught:
        verify(damaged)
    found = [reason.split(" (")[0] for reason in str(caught.value).split("; ")]
    assert found == ["tile 51 of 70", "tile 13 of 70"]


def lying(data: bytes, payload: bytes) -> bytes:
    """The file with another payload and a checksum that fits."""
    changed = flipped(payload, len(payload) // 2)
    return data.replace(pack_chunk("T", payload), pack_chunk("T", changed))


def test_without_any_tile_there_is_nothing_to_show(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"^no tile is whole: tile 1 of 70"):
        recover(data[: tile_places(data)[0] - 3])
    with pytest.raises(FormatError, match=r"not a \.vaec file"):
        recover(b"")


def test_damage_is_said_before_a_missing_model(data: bytes) -> None:
    header = parse_file(data).header
    header = replace(header, width=64, height=64, channels=3, stream_id=b"no model")
    unknown = pack_file(header, [[b"payload"]])
    for reader in (verify, recover):
        with pytest.raises(ModelError):
            reader(unknown)
    with pytest.raises(FormatError, match="the file ends"):
        verify(unknown[:-1])
