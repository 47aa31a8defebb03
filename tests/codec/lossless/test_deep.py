from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

import vaecodec
from tests.codec.lossless.test_webp import SHAPES
from vaecodec.codec.lossless.deep import decode_deep, encode_deep
from vaecodec.errors import FormatError, ImageError
from vaecodec.models.depth import of_depth

Deep = NDArray[np.uint16]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data(), st.integers(9, 16))
def test_every_sample_of_every_depth_comes_back(
    data: st.DataObject, depth: int
) -> None:
    most = (1 << depth) - 1
    samples = data.draw(
        arrays.arrays(np.uint16, SHAPES, elements=st.integers(0, most), fill=st.just(0))
    )
    again = decode_deep(encode_deep(samples), samples.shape, depth=depth)
    assert np.array_equal(again, samples)


def deep_photograph(astronaut: NDArray[np.uint8], depth: int) -> Deep:
    """Means of four pixels, which have two bits more than one, and some noise."""
    means = astronaut.reshape(256, 2, 256, 2, 3).sum(axis=(1, 3), dtype=np.uint16)
    noise = np.random.default_rng(1).integers(0, 1 << (depth - 10), means.shape)
    return (means << (depth - 10) | noise.astype(np.uint16)).astype(np.uint16)


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_a_deep_photograph_comes_back_in_far_fewer_bytes(
    astronaut: NDArray[np.uint8], depth: int
) -> None:
    samples = deep_photograph(astronaut, depth)
    data = vaecodec.encode(samples, depth=depth, lossless=True)
    assert len(data) < 0.8 * samples.size * depth / 8
    assert np.array_equal(vaecodec.decode(data), samples)
    info = vaecodec.inspect(data)
    assert (info.lossless, info.bit_depth) == (True, depth)
    part = vaecodec.decode(data, region=(20, 30, 50, 40))
    assert np.array_equal(part, samples[30:70, 20:70])


def test_bits_that_only_repeat_the_upper_ones_cost_little(
    astronaut: NDArray[np.uint8],
) -> None:
    shallow = len(vaecodec.encode(astronaut, lossless=True, effort=1))
    stretched = of_depth(astronaut, 8, 16)
    assert len(vaecodec.encode(stretched, lossless=True)) < 1.4 * shallow


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_a_preview_shows_is_the_mean_of_what_is_seen(channels: int) -> None:
    samples = np.zeros((12, 16, channels), np.uint16)
    samples[:, :8] = [2000, 1000, 500, 60000][:channels]
    if channels in (2, 4):
        samples[:, :8, -1] = 60000
        samples[:4, :8] = 9  # hidden by an alpha of nearly 0
    data = vaecodec.encode(samples.squeeze(), lossless=True)
    small = np.atleast_3d(vaecodec.decode(data, preview=8))
    assert small.shape == (2, 2, channels)
    assert small[1, 0].tolist() == samples[11, 0].tolist()
    expected = [2000, 1000, 500][: channels - 1 or 1]
    assert np.abs(small[0, 0, : len(expected)].astype(int) - expected).max() <= 1
    assert not small[:, 1].any()


def test_a_sample_of_too_many_bits_is_refused() -> None:
    data = encode_deep(np.array([[1 << 12]], np.uint16))
    with pytest.raises(FormatError, match="a sample of 4096 in 12 bits"):
        decode_deep(data, (1, 1), depth=12)


def test_files_of_8_bits_stay_files_of_8_bits(camera: NDArray[np.uint8]) -> None:
    data = vaecodec.encode(camera, lossless=True, effort=1)
    assert vaecodec.decode(data).dtype == np.uint8
    with pytest.raises(ImageError):
        vaecodec.encode(camera.astype(float), lossless=True)
