"""An architecture of one's own goes through the whole house, which does not know it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.toy_architecture import ToyArchitecture, toy_model
from vaecodec import FormatError, ModelError, features, recover, verify
from vaecodec.api import decode, encode
from vaecodec.codec import image_coding
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import decode_with, encode_as, read_tile
from vaecodec.format.container import parse_file
from vaecodec.format.header import ImageHeader
from vaecodec.models import registry

Samples = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of a model, found by its ids like any other."""
    name = f"{ToyArchitecture.__module__}.{ToyArchitecture.__name__}"
    monkeypatch.setitem(registry.ARCHITECTURES, "toy", name)
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    path = tmp_path / "toy.safetensors"
    path.write_bytes(toy_model())
    return path


def psnr(one: Samples, other: Samples) -> float:
    return float(10 * np.log10(255**2 / np.mean((one - other.astype(float)) ** 2)))


def block_means(image: Samples) -> NDArray[np.float64]:
    height, width = (side // 4 * 4 for side in image.shape[:2])
    blocks = image[:height, :width].astype(float).reshape(height // 4, 4, -1, 4, 3)
    return blocks.mean(axis=(1, 3))


def test_features_are_what_is_painted(toy: Path, astronaut: Samples) -> None:
    image = astronaut[:150, :130]
    data = in_small_tiles(toy, image)
    found = features(data, painter=toy)
    levels = np.clip(found.latents + 128, 0, 255).transpose(1, 2, 0)
    assert np.array_equal(levels, decode(data)[::4, ::4])
    assert found.scales.shape == found.latents.shape
    assert np.all(found.scales > 0)


def in_small_tiles(toy: Path, image: Samples, *, rounds: int = 3) -> bytes:
    model = model_to_compress(toy, threads=1)
    height, width = image.shape[:2]
    ids = model.stream_id, model.painter_id
    header = ImageHeader(width, height, 3, 80, 6, rounds, *ids)
    return encode_as(header, model, image)


def test_a_file_shows_the_means_of_blocks_and_the_better_the_larger(
    toy: Path, coffee: Samples
) -> None:
    sizes, errors = [], []
    for quality in (20, 60, 100):
        data = encode(coffee, quality, model=toy)
        decoded = decode(data)
        sizes.append(len(data))
        errors.append(np.abs(decoded[::4, ::4] - block_means(coffee)).mean())
        verify(data)
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (33, 65), (64, 64), (130, 50)])
def test_every_size_and_kind_comes_back(
    toy: Path, astronaut: Samples, shape: tuple[int, int]
) -> None:
    image = astronaut[: shape[0], : shape[1]]
    for planes in (image[..., 0], image, np.dstack([image, image[..., :1]])):
        assert decode(encode(planes, 90, model=toy)).shape == planes.shape


def test_the_steps_predict_well_enough_to_pay(toy: Path, coffee: Samples) -> None:
    # Without prediction a block of three samples takes some 3 x 6 bits at quality 90.
    bits = 8 * len(encode(coffee, 90, model=toy))
    assert bits < 0.8 * 18 * coffee.shape[0] * coffee.shape[1] / 16


def test_tiles_windows_and_regions_fit_together(
    toy: Path, coffee: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = decode(data := in_small_tiles(toy, coffee))
    monkeypatch.setattr(windows, "CORE_PIXELS", 96)
    np.testing.assert_array_equal(decode(in_small_tiles(toy, coffee)), whole)
    region = decode(data, region=(70, 33, 301, 123))
    np.testing.assert_array_equal(region, whole[33:156, 70:371])


@pytest.mark.parametrize("rounds", [1, 3])
def test_each_step_adds_to_the_image(toy: Path, coffee: Samples, rounds: int) -> None:
    data = in_small_tiles(toy, coffee, rounds=rounds)
    scores = [psnr(decode(data, steps=steps), coffee) for steps in (1, 2, 3)]
    assert scores[0] + 1 < scores[1]
    assert scores[1] + 0.1 < scores[2]
    np.testing.assert_array_equal(decode(data, steps=3), decode(data))
    with pytest.raises(ValueError, match=r"4 steps, allowed 1\.\.3"):
        decode(data, steps=4)


def test_a_model_with_more_steps_than_a_header_can_say_gets_one_payload(
    toy: Path, coffee: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_coding, "MAX_ROUNDS", 2)
    data = encode(coffee, 90, model=toy)
    assert [len(rounds) for rounds in parse_file(data).payloads] == [1]
    assert decode(data, steps=1).shape == coffee.shape


def test_previews_are_means_of_the_image(toy: Path, coffee: Samples) -> None:
    data = in_small_tiles(toy, coffee)
    small = decode(data, preview=8)
    whole = decode(data).astype(float)
    means = whole.reshape(50, 8, 75, 8, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 0.5


def test_damaged_tiles_are_filled_and_cut_off_ones_are_coarse(
    toy: Path, coffee: Samples
) -> None:
    data = in_small_tiles(toy, coffee)
    whole = decode(data)
    file = parse_file(data)
    first_round = data.index(file.payloads[7][0])
    image, [damage] = recover(data[: first_round + 2] + b"\0" + data[first_round + 3 :])
    assert (damage.region, damage.steps) == ((448, 0, 64, 64), 0)
    assert psnr(np.asarray(image), whole) > 25
    last_round = data.index(file.payloads[7][2])
    image, damages = recover(data[:last_round])
    assert {damage.steps for damage in damages} == {2}
    assert len(damages) == len(file.payloads) - 7
    assert psnr(np.asarray(image), whole) > 25


def test_a_map_of_quality_moves_bits_to_where_it_is_high(
    toy: Path, coffee: Samples
) -> None:
    cells = np.full((7, 10), 20)
    cells[2:4, 3:6] = 100
    data = encode(coffee, quality_map=cells, model=toy)
    decoded = decode(data)
    errors = np.abs(decoded[::4, ::4] - block_means(coffee)).mean(axis=2)
    assert errors[32:64, 48:96].mean() < 0.6
    assert errors[:32].mean() > 2
    low, high = (len(encode(coffee, q, model=toy)) for q in (20, 100))
    assert low < len(data) < high


def test_another_painter_draws_the_same_symbols_if_it_is_named(
    toy: Path, coffee: Samples, tmp_path: Path
) -> None:
    data = encode(coffee, 80, model=toy)
    darker = tmp_path / "elsewhere" / "darker.safetensors"
    darker.parent.mkdir()
    darker.write_bytes(toy_model(level=100))
    usual, dark = decode(data).astype(int), decode(data, painter=darker)
    unclipped = (usual > 28) & (usual < 255)
    assert (usual[unclipped] - dark[unclipped] == 28).all()
    with pytest.raises(ModelError, match="the file was made with model"):
        decode(data, painter="standard")


def test_a_painter_that_is_missing_is_said_and_not_replaced(
    toy: Path, coffee: Samples
) -> None:
    data = encode(coffee[:64, :64], 80, model=toy)
    toy.write_bytes(toy_model(level=100))
    with pytest.raises(ModelError, match=r"others can draw.*toy\.safetensors"):
        decode(data)
    verify(data)  # which looks at symbols alone
    assert decode(data, painter=toy).shape == (64, 64, 3)


def test_a_file_with_rounds_of_another_number_of_steps_is_refused(
    toy: Path, coffee: Samples
) -> None:
    model = model_to_compress(toy, threads=1)
    header = ImageHeader(64, 64, 3, 50, 6, 3, model.stream_id, model.painter_id)
    file = parse_file(encode_as(header, model, coffee[:64, :64]))
    lie = ImageHeader(64, 64, 3, 50, 6, 2, model.stream_id, model.painter_id)
    short = type(file)(lie, [file.payloads[0][:2]])
    with pytest.raises(FormatError, match="2 rounds, its model 3"):
        decode_with(model, short)


def test_pixels_are_those_of_the_symbols_in_integers(
    toy: Path, coffee: Samples
) -> None:
    model = model_to_compress(toy, threads=1)
    file = parse_file(encode(coffee[:60, :100], 100, model=toy))
    [tile] = tiles(file.header)
    decoded = read_tile(model, file, tile)
    _, blocks = decoded.latents
    expected = np.clip(blocks.astype(int) + 128, 0, 255)
    np.testing.assert_array_equal(
        decode_with(model, file)[::4, ::4].transpose(2, 0, 1), expected
    )
