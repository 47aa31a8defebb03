"""A payload for each coding step: any prefix that ends after a round is an image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vaecodec import FormatError, inspect, recover, verify
from vaecodec.api import decode, encode
from vaecodec.codec import image_coding
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import (
    decode_with,
    encode_as,
    encode_with,
    header_for,
    read_tile,
)
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.format.chunks import parse_chunk
from vaecodec.format.container import ImageFile, pack_file, parse_file

Samples = NDArray[np.uint8]
ROUNDS = 3
COLUMNS, TILES = 3, 6  # of the picture below


@pytest.fixture
def picture(chelsea: Samples) -> Samples:
    """RGB and alpha, uint8 [100, 150, 4]."""
    alpha = np.arange(100 * 150).reshape(100, 150) // 59
    return np.dstack([chelsea[90:190, 120:270], alpha.astype(np.uint8)])


def packed(
    model: CodecModel, image: Samples, *, rounds: int, quality: int = 50
) -> bytes:
    """A file in tiles of 64 pixels."""
    header = replace(header_for(model, image, quality), tile_log2=6, rounds=rounds)
    return encode_as(header, model, image)


@pytest.fixture
def data(shipped: CodecModel, picture: Samples) -> bytes:
    return packed(shipped, picture, rounds=ROUNDS)


def round_ends(data: bytes) -> list[int]:
    """Where the last payload of each round ends."""
    ends, position = [], 8
    while position < len(data):
        chunk = parse_chunk(data, position)
        position = chunk.end
        if chunk.type == "T":
            ends.append(position)
    return ends[TILES - 1 :: TILES]


def test_payloads_of_steps_and_fused_ones_hold_the_same_symbols(
    shipped: CodecModel, picture: Samples, data: bytes
) -> None:
    one, other = (parse_file(packed(shipped, picture, rounds=1)), parse_file(data))
    assert [len(payloads) for payloads in one.payloads] == [1] * TILES
    assert [len(payloads) for payloads in other.payloads] == [ROUNDS] * TILES
    for tile in tiles(one.header):
        found, expected = (read_tile(shipped, file, tile) for file in (one, other))
        for part, same in zip(found.symbols, expected.symbols, strict=True):
            np.testing.assert_array_equal(part, same)
    np.testing.assert_array_equal(
        decode_with(shipped, one), decode_with(shipped, other)
    )


@pytest.mark.parametrize("round_number", range(ROUNDS))
@pytest.mark.parametrize("elsewhere", ["tile", "picture", "quality"])
def test_a_payload_of_another_tile_picture_or_quality_is_refused(
    elsewhere: str,
    round_number: int,
    shipped: CodecModel,
    picture: Samples,
    data: bytes,
) -> None:
    image = np.flip(picture, axis=0).copy() if elsewhere == "picture" else picture
    quality = 51 if elsewhere == "quality" else 50
    other = parse_file(packed(shipped, image, rounds=ROUNDS, quality=quality))
    file = parse_file(data)
    payloads = [list(rounds) for rounds in file.payloads]
    payloads[1][round_number] = other.payloads[int(elsewhere != "tile")][round_number]
    wrong = pack_file(file.header, payloads, alphas=file.alphas)
    with pytest.raises(FormatError, match=r"^tile 2 of 6 \(row 0, column 1\): "):
        decode(wrong)
    with pytest.raises(FormatError, match=r"^tile 2 of 6 \(row 0, column 1\): "):
        verify(wrong)
    if round_number:  # what comes before it is whole
        decode(wrong, steps=round_number)


def test_each_step_makes_the_image_better(data: bytes, picture: Samples) -> None:
    decoded = [decode(data, steps=steps) for steps in (1, 2, 3)]
    scores = [psnr_db(picture[..., :3], image[..., :3]) for image in decoded]
    assert scores[0] + 2 < scores[1] < scores[2] - 2
    for image in decoded:
        np.testing.assert_array_equal(image[..., 3], picture[..., 3])
    np.testing.assert_array_equal(decoded[-1], decode(data))


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_file_that_ends_after_a_round_is_an_image(data: bytes, steps: int) -> None:
    prefix = data[: round_ends(data)[steps - 1]]
    expected = decode(data, steps=steps)
    np.testing.assert_array_equal(decode(prefix, steps=steps), expected)
    region = decode(prefix, steps=steps, region=(30, 20, 60, 70))
    np.testing.assert_array_equal(region, expected[20:90, 30:90])
    assert decode(prefix, steps=steps, preview=8).shape == (13, 19, 4)
    if steps < ROUNDS:
        with pytest.raises(FormatError):
            decode(prefix)
        with pytest.raises(FormatError):
            decode(prefix, steps=steps + 1)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_file_that_ends_within_a_round_is_refused(data: bytes, steps: int) -> None:
    begin, end = ([8, *round_ends(data)][steps - 1 + more] for more in (0, 1))
    for length in (begin, begin + 1, (begin + end) // 2, end - 1):
        with pytest.raises(FormatError):
            decode(data[:length], steps=steps)


def test_the_steps_that_are_whole_are_recovered(data: bytes) -> None:
    for steps in (1, 2):
        image, damages = recover(data[: round_ends(data)[steps - 1]])
        np.testing.assert_array_equal(np.asarray(image), decode(data, steps=steps))
        assert [damage.steps for damage in damages] == [steps] * TILES


def test_of_a_file_that_ends_within_a_round_each_tile_keeps_its_steps(
    data: bytes,
) -> None:
    _, second, third = round_ends(data)
    image, damages = recover(data[: (second + third) // 2])
    assert {damage.steps for damage in damages} == {2}
    hit = [damage.region for damage in damages]
    assert 0 < len(hit) < TILES
    assert hit[-1] == (128, 64, 22, 36)
    whole, coarse = (decode(data, steps=steps).astype(int) for steps in (3, 2))
    errors = [np.abs(np.asarray(image) - other).mean() for other in (whole, coarse)]
    assert max(errors) < np.abs(whole - coarse).mean()
    assert min(errors) > 0


def test_a_step_that_lies_is_no_accident(data: bytes) -> None:
    file = parse_file(data)
    payloads = [list(rounds) for rounds in file.payloads]
    payloads[4][2] = payloads[4][2][:-1] + b"\x55"
    lie = pack_file(file.header, payloads, alphas=file.alphas)
    for reader in (decode, verify, recover):
        with pytest.raises(
            FormatError, match=r"tile 5 of 6 .* checksum does not match"
        ):
            reader(lie)


def test_damage_in_a_later_round_leaves_the_steps_before_it(data: bytes) -> None:
    payload = parse_file(data).payloads[4][1]
    place = data.index(payload) + len(payload) // 2
    damaged = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    image, [damage] = recover(damaged)
    assert (damage.region, damage.steps) == ((64, 64, 64, 36), 1)
    assert damage.reason.startswith("tile 5 of 6 (row 1, column 1): at byte")
    alpha = np.asarray(image)[..., 3]
    np.testing.assert_array_equal(alpha, decode(data)[..., 3])
    with pytest.raises(FormatError, match="'T' is damaged"):
        verify(damaged)


def test_more_steps_than_the_model_has_are_refused(
    data: bytes, shipped: CodecModel, picture: Samples
) -> None:
    for file in (data, packed(shipped, picture, rounds=1)):
        with pytest.raises(ValueError, match=r"4 steps, allowed 1\.\.3"):
            decode(file, steps=4)


def test_a_number_of_rounds_that_is_not_that_of_the_model_is_refused(
    data: bytes, shipped: CodecModel
) -> None:
    file = parse_file(data)
    payloads = [rounds[:2] for rounds in file.payloads]
    lie = ImageFile(replace(file.header, rounds=2), payloads, file.alphas)
    with pytest.raises(FormatError, match="2 rounds, its model 3"):
        decode_with(shipped, lie)


@pytest.fixture(params=["astronaut", "coffee", "chelsea", "camera"])
def large(
    request: pytest.FixtureRequest, photograph: Callable[[str], Image.Image]
) -> Samples:
    """A photograph, 768 x 512."""
    image = photograph(request.param)
    width, height = image.size
    box = (0, 0, width, min(height, width * 2 // 3))
    return np.asarray(image.resize((768, 512), Image.Resampling.LANCZOS, box))


def test_payloads_of_steps_cost_at_most_3_in_1000(
    large: Samples, shipped: CodecModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encode_with(shipped, large, quality=50)
    monkeypatch.setattr(image_coding, "FUSED_BELOW", 1 << 30)
    fused = encode_with(shipped, large, quality=50)
    assert inspect(fused).rounds == 1
    assert inspect(data).rounds == (1 if len(fused) < 10_000 else ROUNDS)
    assert len(fused) <= len(data) <= 1.003 * len(fused)


def test_small_files_are_fused_and_large_ones_are_not(
    astronaut: Samples, coffee: Samples
) -> None:
    for image in (astronaut, coffee[..., 0], coffee[:100, :150]):
        small = encode(image, 5)
        assert len(small) < 10_000
        assert inspect(small).rounds == 1
    large = encode(astronaut, 80)
    assert len(large) > 10_000
    assert inspect(large).rounds == ROUNDS
