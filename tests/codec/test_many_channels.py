"""Models for other channels than those of pictures, from array to file and back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import vaecodec
from tests.codec.lossless.test_channels import bands
from tests.codec.untrained_model import SIZES
from tests.golden_check import GOLDEN, in_steps
from tests.reference.decoder import decode, read_model
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import read_tile
from vaecodec.errors import ImageError, TargetError
from vaecodec.format import parse_file
from vaecodec.models.checkerboard.networks import first_step
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.depth import Samples, dtype_of, greatest, of_depth
from vaecodec.models.library import load_model
from vaecodec.models.networks.table_fitting import no_counts

Model = Callable[[int], Path]


@functools.cache
def klt_of(channels: int, photograph: bytes) -> bytes:
    """A model file of one transform, as before any training."""
    torch.manual_seed(1)
    samples = np.frombuffer(photograph, np.uint8).reshape(128, 160, 3)
    levels = torch.from_numpy(bands(samples, channels)).permute(2, 0, 1)
    model = HierarchicalVae(SIZES.for_samples(channels, 8)).eval()
    first_step.initialize(model, [levels])
    return to_file(model, counts=no_counts(), training_images=0)


@pytest.fixture
def part(astronaut: Samples) -> Samples:
    return np.ascontiguousarray(astronaut[:128, 160:320])


@pytest.fixture
def model(part: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Where the model for so many channels is, which files find by their ids."""
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))

    def path_of(channels: int) -> Path:
        path = tmp_path / f"{channels}.safetensors"
        path.write_bytes(klt_of(channels, part.tobytes()))
        return path

    return path_of


def psnr(original: Samples, decoded: Samples, depth: int) -> float:
    errors = (decoded.astype(float) - original) / greatest(depth)
    return float(-10 * np.log10(np.mean(errors**2)))


@pytest.mark.parametrize(("channels", "depth"), [(1, 8), (2, 8), (5, 8), (5, 12)])
def test_an_array_comes_back_about_as_it_was(
    part: Samples, model: Model, channels: int, depth: int
) -> None:
    samples = of_depth(bands(part, channels), 8, depth)
    samples = samples[..., 0] if channels == 1 else samples
    options = {"depth": None if depth == 8 else depth, "model": model(channels)}
    sizes = []
    for quality, least in ((40, 24), (95, 31)):
        data = vaecodec.encode(samples, quality, **options)
        found = vaecodec.decode(data)
        assert (found.shape, found.dtype) == (samples.shape, dtype_of(depth))
        assert psnr(samples, found, depth) > least
        sizes.append(len(data))
    assert sizes[0] < sizes[1] < samples.size / 4
    info = vaecodec.inspect(data)
    assert (info.channels, info.bit_depth, info.lossless) == (channels, depth, False)
    assert info.roles == (("gray",) if channels == 1 else ("other",) * channels)
    vaecodec.verify(data)


def test_regions_previews_and_steps_of_five_channels(
    part: Samples, model: Model
) -> None:
    samples = bands(part, 5)
    data = vaecodec.encode(samples, 80, model=model(5))
    whole = vaecodec.decode(data)
    region = vaecodec.decode(data, region=(30, 20, 50, 60))
    assert np.abs(region.astype(int) - whole[20:80, 30:80]).max() <= 1
    small = vaecodec.decode(data, preview=8)
    means = samples.reshape(16, 8, 20, 8, 5).mean(axis=(1, 3))
    assert np.abs(small - means).mean() < 6
    assert vaecodec.decode(data, steps=1).shape == samples.shape


@pytest.mark.parametrize("place", [0, 1, 3])
def test_alpha_is_exact_wherever_it_stands(
    part: Samples, model: Model, place: int
) -> None:
    alpha = np.where(part[..., 0] < 60, 0, part[..., 1])
    samples = np.insert(part, place, alpha, axis=2)
    roles = ["other"] * 3
    roles.insert(place, "alpha")
    for options in ({"model": model(3)}, {"tune": "psnr"}):
        data = vaecodec.encode(samples, 80, roles=roles, **options)  # type: ignore[arg-type]
        found = vaecodec.decode(data)
        assert np.array_equal(found[..., place], alpha)
        seen = np.delete(samples, place, axis=2)[alpha > 0]
        assert psnr(seen, np.delete(found, place, axis=2)[alpha > 0], 8) > 24
        assert vaecodec.inspect(data).roles == tuple(roles)
        vaecodec.verify(data)


def test_four_channels_are_no_rgb_and_alpha_for_a_model_of_four(
    part: Samples, model: Model
) -> None:
    samples = bands(part, 4)
    data = vaecodec.encode(samples, model=model(4))
    assert vaecodec.inspect(data).roles == ("other",) * 4
    words = ["red", "green", "blue", "alpha"]
    with pytest.raises(ImageError, match=r"3 channels .*, the model is for 4"):
        vaecodec.encode(samples, model=model(4), roles=words)


def test_targets_of_five_channels(part: Samples, model: Model) -> None:
    samples = bands(part, 5)
    data = vaecodec.compress(samples, target_psnr=30.0, model=model(5))
    assert 30.0 <= psnr(samples, vaecodec.decode(data), 8) <= 1.02 * 30.0
    with pytest.raises(TargetError, match="for pictures, not other x5"):
        vaecodec.compress(samples, target_ssimulacra2=60.0, model=model(5))


def test_a_model_for_other_channels_is_refused_by_both_numbers(
    part: Samples, model: Model
) -> None:
    five = model(5)
    message = r"5 channels \(other x5\), the model is for 3: lossless=True keeps all, "
    with pytest.raises(ImageError, match=message + "and 'python -m .* --channels 5'"):
        vaecodec.encode(bands(part, 5))
    with pytest.raises(ImageError, match=r"red, green, blue\), the model is for 5"):
        vaecodec.encode(part, model=five)
    with pytest.raises(ImageError, match=r"1 channels \(gray\), the model is for 5"):
        vaecodec.compress(Image.fromarray(part[..., 0]), model=five)


def test_a_list_of_channels_is_bound_to_every_payload(part: Samples) -> None:
    data = vaecodec.encode(part[:70, :50], 50, roles=["other"] * 3, model=GOLDEN)
    file, ready = parse_file(data), CodecModel(load_model(GOLDEN))
    symbols = b"".join(
        in_steps(ready.architecture, read_tile(ready, file, tile).symbols, tile.shape)
        for tile in tiles(file.header)
    )
    found = decode(data, read_model(GOLDEN.read_bytes()))
    assert np.array(found.symbols, "<i2").tobytes() == symbols
    assert found.header.roles == (5, 5, 5)


def test_a_search_for_better_symbols_knows_any_number_of_channels(
    part: Samples, model: Model
) -> None:
    samples = bands(part[:64, :64], 5)
    usual, found = (
        vaecodec.encode(samples, 60, model=model(5), effort=effort) for effort in (2, 3)
    )
    assert found != usual
    worth = psnr(samples, vaecodec.decode(found), 8) - len(found) / len(usual)
    assert worth > psnr(samples, vaecodec.decode(usual), 8) - 1.01
