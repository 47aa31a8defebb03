"""Samples of 9 to 16 bits go through the networks and come back with their depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vaecodec
from tests.codec.deep_pictures import deep_picture, ramp
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.errors import ImageError
from vaecodec.format.container import parse_file
from vaecodec.models.depth import of_depth

DEPTHS = (9, 10, 12, 16)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", DEPTHS)
def test_arrays_of_every_depth_come_back_with_it(
    depth: int, channels: int, untrained_path: Path
) -> None:
    samples = deep_picture(70, 100, channels, depth)
    data = vaecodec.encode(samples, 80, depth=depth, model=untrained_path, threads=1)
    assert vaecodec.inspect(data).bit_depth == depth
    again = vaecodec.decode(data, painter=untrained_path, threads=1)
    assert (again.dtype, again.shape) == (np.uint16, samples.shape)
    assert again.max() <= (1 << depth) - 1
    if channels in (2, 4):
        np.testing.assert_array_equal(again[..., -1], samples[..., -1])
        seen = samples[..., -1] > 0
        samples, again = samples[seen][..., :-1], again[seen][..., :-1]
    assert psnr_db(samples, again, depth=depth) > 30


def test_a_gradient_of_16_bits_comes_back_finer_than_8_bits_can_say() -> None:
    gradient = ramp(128, 512, 16)
    shallow = of_depth(gradient, 16, 8)
    found = vaecodec.decode(vaecodec.encode(gradient, 90, threads=1), threads=1)
    rounded = vaecodec.decode(vaecodec.encode(shallow, 90, threads=1), threads=1)
    assert len(np.unique(found)) > 10_000
    error, error_of_8_bits = (
        np.abs(each.astype(float) - gradient) / 257
        for each in (found, rounded.astype(float) * 257)
    )
    assert error.mean() < error_of_8_bits.mean() / 2
    # Stretched, a band of 8 bits would be a plateau: here neighbours differ.
    row = np.diff(found.astype(int)[:, 8:-8], axis=1)
    assert (row == 0).mean() < 0.02


def test_the_file_of_8_bits_is_what_all_its_bits_in_16_would_make(
    shipped: CodecModel,
) -> None:
    samples = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)
    deep = encode_with(shipped, of_depth(samples, 8, 16), quality=50, depth=16)
    plain = encode_with(shipped, samples, quality=50)
    shown = decode_with(shipped, parse_file(deep)).astype(int)
    expected = decode_with(shipped, parse_file(plain)).astype(int) * 257
    assert np.abs(shown - expected).mean() < 257


@pytest.mark.parametrize("options", [{"preview": 8}, {"steps": 1}])
def test_previews_and_first_steps_have_the_depth_of_the_file(
    options: dict[str, int],
) -> None:
    samples = deep_picture(64, 128, 3, 12)
    found = vaecodec.decode(vaecodec.encode(samples, 90, depth=12), **options)
    assert found.dtype == np.uint16
    assert 2000 < found.max() < 4096
    assert len(np.unique(found)) > 256 or "preview" in options


def test_a_region_is_the_same_as_in_the_whole_picture() -> None:
    data = vaecodec.encode(deep_picture(100, 150, 4, 10), 60, depth=10, threads=1)
    whole = vaecodec.decode(data, threads=1)
    out = np.empty((30, 40, 4), np.uint16)
    vaecodec.decode(data, region=(20, 50, 40, 30), out=out, threads=1)
    np.testing.assert_array_equal(out, whole[50:80, 20:60])
    with pytest.raises(ValueError, match="expected a writable uint16 array"):
        vaecodec.decode(data, out=np.empty(whole.shape, np.uint8))


@pytest.mark.parametrize(
    ("dtype", "depth"),
    [(np.uint8, 7), (np.uint8, 10), (np.uint16, 8), (np.uint16, 17), (np.uint16, 0)],
)
def test_a_depth_that_the_dtype_does_not_have_is_refused(
    dtype: type[np.unsignedinteger], depth: int
) -> None:
    with pytest.raises(ValueError, match=f"^depth {depth} of uint.*allowed"):
        vaecodec.encode(np.zeros((8, 8), dtype), depth=depth)


def test_a_sample_with_more_bits_than_stated_is_refused() -> None:
    samples = np.full((8, 8), 1023, np.uint16)
    samples[7, 7] = 1024
    with pytest.raises(ImageError, match="a sample of 1024, at most 1023 with 10 bits"):
        vaecodec.encode(samples, depth=10)


def test_samples_in_the_other_byte_order_mean_the_same() -> None:
    samples = deep_picture(64, 64, 3, 16)
    swapped = samples.astype(samples.dtype.newbyteorder())
    assert vaecodec.encode(swapped, threads=1) == vaecodec.encode(samples, threads=1)


@pytest.mark.parametrize("target", [{"target_psnr": 38}, {"target_ssimulacra2": 70}])
def test_a_target_counts_in_levels_of_8_bits(target: dict[str, float]) -> None:
    samples = deep_picture(96, 128, 3, 12)
    shallow = of_depth(samples, 12, 8)
    sizes = [
        len(vaecodec.compress(each, **target, threads=1))
        for each in (of_depth(samples, 12, 16), shallow)
    ]
    assert max(sizes) < 1.3 * min(sizes)


def test_pillow_gets_gray_whole_and_colours_with_a_warning() -> None:
    gray = vaecodec.encode(ramp(64, 64, 10), 90, depth=10)
    image = vaecodec.decompress(gray)
    assert image.mode == "I;16"
    np.testing.assert_array_equal(
        np.asarray(image), of_depth(vaecodec.decode(gray), 10, 16)
    )
    with pytest.warns(UserWarning, match="not kept: the lower 2 of 10 bits"):
        colours = vaecodec.decompress(
            vaecodec.encode(deep_picture(64, 64, 4, 10), depth=10)
        )
    assert colours.mode == "RGBA"


@pytest.mark.parametrize("depth", range(8, 16))
def test_more_bits_and_back_are_what_they_were(depth: int) -> None:
    every = np.arange(1 << depth, dtype=np.uint8 if depth == 8 else np.uint16)[None]
    there = of_depth(every, depth, 16)
    assert (there.min(), there.max()) == (0, 65535)
    np.testing.assert_array_equal(of_depth(there, 16, depth), every)


def test_colours_of_16_bits_are_nearer_to_the_original_than_those_of_8() -> None:
    colours = deep_picture(128, 192, 3, 16)
    found = vaecodec.decode(vaecodec.encode(colours, 90, threads=1), threads=1)
    shallow = vaecodec.encode(of_depth(colours, 16, 8), 90, threads=1)
    rounded = of_depth(vaecodec.decode(shallow, threads=1), 8, 16)
    errors, errors_of_8_bits = (
        np.abs(each.astype(float) - colours) / 257 for each in (found, rounded)
    )
    assert errors.mean() < 0.8 * errors_of_8_bits.mean()
    assert np.quantile(errors, 0.999) < np.quantile(errors_of_8_bits, 0.999)
