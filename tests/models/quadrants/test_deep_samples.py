"""Samples of 9 to 16 bits are drawn from the painter's sums, the same everywhere."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.codec.deep_pictures import deep_picture, ramp
from tests.models.quadrants.conftest import everywhere
from tests.models.quadrants.small_model import small_file, small_model, small_tensors
from vaecodec.api import decode, encode
from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import decode_with, read_tile
from vaecodec.errors import ImageError, ModelError
from vaecodec.format.container import parse_file
from vaecodec.models.depth import Samples, exact_samples_of, of_depth
from vaecodec.models.exact import engine
from vaecodec.models.exact.engine import ARITHMETICS, REFERENCE, ExactEngine
from vaecodec.models.quadrants.architecture import QuadrantArchitecture
from vaecodec.models.quadrants.deep_painter import DeepPainter


@pytest.mark.parametrize("depth", [8, 9, 12, 16])
def test_sums_become_the_nearest_samples_and_halves_even_ones(depth: int) -> None:
    most, shift = 2**depth - 1, 11
    rng = np.random.default_rng(depth)
    halves = np.arange(-(2**7), 2**10) * 2 ** (shift - 1)
    sums = np.concatenate([halves, rng.integers(-(2**20), 2**24, 2000)])
    found = exact_samples_of(sums[None].astype(np.float32), depth, unit=2.0**-shift)
    nearest = [round(Fraction(int(x) * most, 255 << shift)) for x in sums]
    assert found[0].tolist() == np.clip(nearest, 0, most).tolist()


def test_a_gradient_of_16_bits_is_the_same_in_every_arithmetic(
    model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gradient = ramp(64, 192, 16)
    data = encode(gradient, 90, model=model_path, threads=1)
    found = {}
    for name in (*ARITHMETICS, REFERENCE):
        kept = {key: how for key, how in ARITHMETICS.items() if key == name}
        monkeypatch.setattr(engine, "ARITHMETICS", kept)
        found[name] = decode_with(CodecModel(small_file()), parse_file(data))
    first, *others = found.values()
    assert all(np.array_equal(first, other) for other in others)
    assert (first.dtype, first.shape) == (np.uint16, gradient.shape)
    assert len(np.unique(first)) > 1000
    assert np.abs(first.astype(int) - gradient).mean() < 257 * 8


def test_with_8_bits_sums_tell_what_the_painter_does(
    architecture: QuadrantArchitecture, model_path: Path, coffee: Samples
) -> None:
    file = parse_file(encode(coffee[:64, :128], 80, model=model_path))
    [tile] = tiles(file.header)
    model = model_to_compress(model_path, threads=1)
    latents = read_tile(model, file, tile).latents
    feeds = dict(zip(("hyper", "latent"), latents, strict=True))
    deep = DeepPainter(ExactEngine.from_tensors("painter", small_file().tensors))
    found = deep.draw(feeds, everywhere(80), 8)
    drawn = architecture.paint(latents, everywhere(80))
    np.testing.assert_array_equal(found, drawn)
    assert np.ptp(found) > 100


def test_8_bits_and_the_same_in_16_make_nearly_the_same_image(
    model_path: Path, coffee: Samples
) -> None:
    plain = encode(coffee[:64, :64], 80, model=model_path)
    deep = encode(of_depth(coffee[:64, :64], 8, 16), 80, model=model_path)
    difference = decode(deep) / 257 - decode(plain)
    assert np.abs(difference).mean() < 0.5


def test_deep_pixels_do_not_depend_on_windows_or_on_what_else_is_drawn(
    model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encode(deep_picture(150, 200, 4, 12), 70, depth=12, model=model_path)
    whole = decode(data)
    monkeypatch.setattr(windows, "CORE_PIXELS", 64)
    np.testing.assert_array_equal(decode(data), whole)
    region = decode(data, region=(70, 33, 101, 83))
    np.testing.assert_array_equal(region, whole[33:116, 70:171])


def test_deep_previews_are_close_to_means_of_the_image(model_path: Path) -> None:
    data = encode(deep_picture(128, 192, 3, 16), 80, model=model_path)
    means = decode(data).reshape(16, 8, 24, 8, 3).mean(axis=(1, 3))
    preview = decode(data, preview=8)
    assert preview.dtype == np.uint16
    assert np.any(preview % 257)
    assert np.abs(preview - means).mean() < 257


def test_a_painter_that_ends_in_another_way_draws_8_bits_only(
    model_path: Path, coffee: Samples
) -> None:
    deep = encode(coffee.astype(np.uint16), depth=12, model=model_path)
    shift = {"painter.levels.shift": np.full(192, 12, np.int8)}
    model_path.write_bytes(small_model(small_tensors() | shift))
    data = encode(coffee, 50, model=model_path)
    assert decode(data).shape == coffee.shape
    reason = "of 12 bits: this model is for up to 8"
    with pytest.raises(ImageError, match=f"samples {reason}"):
        encode(coffee.astype(np.uint16), depth=12, model=model_path)
    with pytest.raises(ModelError, match=f"a file {reason}"):
        decode_with(model_to_compress(model_path, threads=1), parse_file(deep))
