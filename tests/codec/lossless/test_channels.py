"""Arrays of any number of channels, kept without loss."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

import vaecodec
from tests.format.test_roles import lists_of_channels
from vaecodec.codec.lossless import coding
from vaecodec.errors import FormatError, ImageError
from vaecodec.format.roles import Roles
from vaecodec.models.depth import Samples, dtype_of, greatest
from vaecodec.plugins import pillow
from vaecodec.plugins.training_images import ImageReader


def bands(photograph: Samples, channels: int) -> Samples:
    """The light between red and blue in as many parts, uint8 [H, W, C]."""
    wavelengths = np.linspace(0, 1, channels)[:, None]
    mixed = np.exp(-(((wavelengths - [0, 0.5, 1]) / 0.3) ** 2))
    mixed /= mixed.sum(axis=1, keepdims=True)
    return np.rint(photograph @ mixed.T).astype(np.uint8)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.data(), lists_of_channels().filter(len), st.integers(8, 16))
def test_every_sample_comes_back_in_its_channel(
    data: st.DataObject, roles: Roles, depth: int
) -> None:
    height, width = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    shape = (height, width, len(roles)) if len(roles) > 1 else (height, width)
    samples = rng.integers(0, greatest(depth) + 1, shape).astype(dtype_of(depth))
    words = [role.word for role in roles]
    file = vaecodec.encode(
        samples, depth=None if depth == 8 else depth, roles=words, lossless=True
    )
    assert np.array_equal(vaecodec.decode(file), samples)
    info = vaecodec.inspect(file)
    assert (info.roles, info.channels) == (tuple(words), len(words))
    assert (info.bit_depth, info.lossless) == (depth, True)
    vaecodec.verify(file)


@pytest.mark.parametrize("channels", [5, 16])
def test_channels_that_nobody_names_are_others(coffee: Samples, channels: int) -> None:
    samples = bands(coffee[:40, :50], channels)
    file = vaecodec.encode(samples, lossless=True)
    assert np.array_equal(vaecodec.decode(file), samples)
    assert vaecodec.inspect(file).roles == ("other",) * channels


def test_the_roles_of_a_picture_need_no_list(coffee: Samples) -> None:
    plain = vaecodec.encode(coffee, lossless=True)
    words = ["red", "green", "blue"]
    assert vaecodec.encode(coffee, lossless=True, roles=words) == plain
    assert vaecodec.inspect(plain).roles == tuple(words)


def test_neighbouring_bands_take_fewer_bytes_together(coffee: Samples) -> None:
    samples = bands(coffee[:100, :150], 6)
    together = len(vaecodec.encode(samples, lossless=True))
    apart = [vaecodec.encode(samples[..., n], lossless=True) for n in range(6)]
    assert together < 0.9 * sum(map(len, apart))


def test_regions_and_previews_of_many_channels(
    coffee: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coding, "MAX_LOSSLESS_TILE_LOG2", 6)
    samples = bands(coffee[:100, :130], 7)
    file = vaecodec.encode(samples, lossless=True)
    part = vaecodec.decode(file, region=(50, 20, 30, 60))
    assert np.array_equal(part, samples[20:80, 50:80])
    small = vaecodec.decode(file, preview=8)
    assert small.shape == (13, 17, 7)
    for channel in range(7):
        alone = vaecodec.encode(samples[..., channel], lossless=True)
        gray = vaecodec.decode(alone, preview=8).astype(int)
        assert np.abs(small[..., channel] - gray).max() <= 1


@pytest.mark.parametrize("place", [0, 2, 5])
def test_alpha_is_exact_and_weighs_previews_wherever_it_stands(place: int) -> None:
    rng = np.random.default_rng(place)
    samples = rng.integers(0, 256, (24, 16, 6), dtype=np.uint8)
    samples[:, :8, place] = 0
    roles = ["other"] * 5
    roles.insert(place, "alpha")
    file = vaecodec.encode(samples, max_error=9, roles=roles)
    found = vaecodec.decode(file).astype(int)
    assert np.array_equal(found[..., place], samples[..., place])
    assert 0 < np.abs(found - samples).max() <= 9
    assert not vaecodec.decode(file, preview=8)[:, 0].any()


@pytest.mark.parametrize(
    ("shape", "roles", "message"),
    [
        ((4, 5, 5), ["other"] * 4, "expected one for each of 5"),
        ((4, 5, 5), "other", "expected one for each of 5"),
        ((4, 5), ["purple"], "role 'purple', allowed gray, red, green, blue, alpha"),
        ((4, 5, 2), ["alpha", "alpha"], "alpha is there twice"),
        ((4, 5, 2), ["red", "green"], "expected gray, all of red, green and blue"),
    ],
)
def test_roles_that_cannot_be_are_refused(
    shape: tuple[int, ...], roles: list[str], message: str
) -> None:
    samples = np.zeros(shape, np.uint8)
    with pytest.raises(ValueError, match=message):
        vaecodec.encode(samples, roles=roles, lossless=True)


@pytest.mark.parametrize("channels", [1, 17])
def test_too_few_and_too_many_channels_are_refused(channels: int) -> None:
    with pytest.raises(ImageError, match=r"expected \[H, W\] or \[H, W, 2\.\.16\]"):
        vaecodec.encode(np.zeros((4, 5, channels), np.uint8), lossless=True)


def test_many_channels_count_as_more_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAECODEC_MAX_PIXELS", "50")
    file = vaecodec.encode(np.zeros((5, 5, 8), np.uint8), lossless=True)
    with pytest.raises(ImageError, match="each counts as 3: 9 channels"):
        vaecodec.encode(np.zeros((5, 5, 9), np.uint8), lossless=True)
    monkeypatch.setenv("VAECODEC_MAX_PIXELS", "49")
    with pytest.raises(FormatError, match="50 pixels"):
        vaecodec.decode(file)


def test_what_takes_pictures_only_refuses_other_channels_by_name() -> None:
    file = vaecodec.encode(
        np.zeros((4, 5, 3), np.uint8), roles=["other"] * 3, lossless=True
    )
    message = r"channels other x3: no image has these \(vaecodec\.decode"
    for read in (vaecodec.decompress, vaecodec.recover, ImageReader()):
        with pytest.raises(FormatError, match=message):
            read(file)
    pillow.register_pillow_plugin()
    with pytest.raises(UnidentifiedImageError, match=message):
        Image.open(io.BytesIO(file))
