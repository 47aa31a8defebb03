"""Pictures of every depth, kind and metadata through files: what must be exact, is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage import data

from tests.codec.deep_pictures import deep_picture
from tests.codec.lossless.test_estimate import drawing
from vaecodec.api import compress_picture, decompressed
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.options import DecodeOptions, EncodeOptions
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.codec.search.targets import colour_psnr
from vaecodec.format.header import MAX_DEPTH, MIN_DEPTH, most_error
from vaecodec.format.metadata import Metadata
from vaecodec.inspection import inspect
from vaecodec.models.depth import Samples, dtype_of, of_depth

BYTES = st.binary(min_size=1, max_size=40)
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\0"
SIDES = st.tuples(st.integers(1, 70), st.integers(1, 70))
# So many pixels along a side are needed for gradients to be smooth.
SMOOTH = 16

metadata = st.builds(
    Metadata,
    icc_profile=st.none() | BYTES,
    exif=st.sampled_from([None, EXIF]),
    xmp=st.sampled_from([None, b"<x/>"]),
    code_points=st.none()
    | st.builds(
        lambda primaries, transfer: bytes([primaries, transfer, 0, 1]),
        st.sampled_from([9, 12]),
        st.sampled_from([13, 16, 18]),
    ),
    mastering=st.none() | st.integers(1, 255).map(lambda value: bytes([value] * 32)),
)


def gradients(height: int, width: int) -> NDArray[np.uint16]:
    return deep_picture(height, width, 4, 16)


def noise(height: int, width: int) -> NDArray[np.uint16]:
    generator = np.random.default_rng(height)
    return generator.integers(0, 1 << 16, (height, width, 4), np.uint16)


def text(height: int, width: int) -> Samples:
    return of_depth(np.asarray(drawing(width, height, "RGBA")), 8, 16)


def photograph(height: int, width: int) -> Samples:
    """A part of one, with noise in its lower bits."""
    part = of_depth(data.astronaut()[100 : 100 + height, 200 : 200 + width], 8, 16)
    return np.dstack([part, part[..., 0]]) ^ (noise(height, width) & 255)


@st.composite
def pictures(
    draw: st.DrawFn, drawn: Callable[[int, int], Samples] = gradients
) -> Picture:
    depth = draw(st.integers(MIN_DEPTH, MAX_DEPTH))
    channels = draw(st.integers(1, 4))
    four = of_depth(drawn(*draw(SIDES)), 16, depth)
    samples = four[..., -channels:] if channels > 1 else four[..., 0]
    if channels == 3:
        samples = four[..., :3]
    if channels in (2, 4) and draw(st.booleans()):
        samples[..., -1] = (1 << depth) - 1
    return Picture(samples.astype(dtype_of(depth)), draw(metadata), depth=depth)


def split(samples: Samples) -> tuple[Samples, Samples]:
    """Colours and alpha [H, W, n]; either has no channels if there is none."""
    planes = np.atleast_3d(samples)
    colours = planes.shape[2] - (planes.shape[2] in (2, 4))
    return planes[..., :colours], planes[..., colours:]


def check_kind(found: Picture, picture: Picture) -> None:
    """All but the colours is the same."""
    assert (found.depth, found.metadata) == (picture.depth, picture.metadata)
    assert found.samples.dtype == picture.samples.dtype
    assert found.samples.shape == picture.samples.shape
    np.testing.assert_array_equal(split(found.samples)[1], split(picture.samples)[1])


@settings(max_examples=30, deadline=None)
@given(picture=pictures(), quality=st.sampled_from([30, 90]))
def test_depth_size_alpha_and_metadata_come_back_as_they_were(
    picture: Picture, quality: int, untrained_path: Path
) -> None:
    path = untrained_path
    options = EncodeOptions(quality=quality, model=path, threads=1)
    data = compress_picture(picture, options)
    found = decompressed(data, DecodeOptions(painter=path, threads=1))
    check_kind(found, picture)
    if min(picture.samples.shape[:2]) >= SMOOTH:
        assert colour_psnr(picture, found.samples) > 20


@pytest.mark.parametrize("drawn", [gradients, noise, text, photograph])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_no_sample_of_any_picture_is_further_off_than_the_largest_error(
    drawn: Callable[[int, int], Samples], data: st.DataObject
) -> None:
    picture = data.draw(pictures(drawn))
    most = data.draw(st.integers(0, most_error(picture.depth)))
    file = compress_picture(picture, EncodeOptions(max_error=most, threads=1))
    assert inspect(file).max_error == most
    found = decompressed(file, DecodeOptions(threads=1))
    check_kind(found, picture)
    one, other = (split(each.samples)[0] for each in (found, picture))
    assert (np.maximum(one, other) - np.minimum(one, other)).max() <= most


@settings(max_examples=30, deadline=None)
@given(picture=pictures(noise))
def test_png_holds_all_of_every_picture(picture: Picture) -> None:
    again = read_picture(pack_image(picture, ".png"))
    check_kind(again, picture)
    np.testing.assert_array_equal(again.samples, picture.samples)
