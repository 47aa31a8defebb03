"""Pictures of every depth, kind and metadata through files: what must be exact, is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.codec.deep_pictures import deep_picture
from vaecodec.api import compress_picture, decompressed
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.options import DecodeOptions, EncodeOptions
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.codec.search.targets import colour_psnr
from vaecodec.format.header import MAX_DEPTH, MIN_DEPTH
from vaecodec.format.metadata import Metadata
from vaecodec.models.depth import dtype_of

BYTES = st.binary(min_size=1, max_size=40)
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\0"

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


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    depth = draw(st.integers(MIN_DEPTH, MAX_DEPTH))
    sides = draw(st.tuples(st.integers(1, 70), st.integers(1, 70)))
    channels = draw(st.integers(1, 4))
    samples: NDArray[np.unsignedinteger] = deep_picture(*sides, channels, depth)
    if channels in (2, 4) and draw(st.booleans()):
        samples[..., -1] = (1 << depth) - 1
    return Picture(samples.astype(dtype_of(depth)), draw(metadata), depth=depth)


@settings(max_examples=30, deadline=None)
@given(picture=pictures(), quality=st.sampled_from([30, 90]))
def test_depth_size_alpha_and_metadata_come_back_as_they_were(
    picture: Picture, quality: int, untrained_path: Path
) -> None:
    path = untrained_path
    options = EncodeOptions(quality=quality, model=path, threads=1)
    data = compress_picture(picture, options)
    found = decompressed(data, DecodeOptions(painter=path, threads=1))
    assert (found.depth, found.metadata) == (picture.depth, picture.metadata)
    assert (found.samples.dtype, found.samples.shape) == (
        picture.samples.dtype,
        picture.samples.shape,
    )
    if picture.samples.shape[2:] in ((2,), (4,)):
        np.testing.assert_array_equal(found.samples[..., -1], picture.samples[..., -1])
    assert colour_psnr(picture.samples, found.samples, depth=found.depth) > 20
    again = read_picture(pack_image(found, ".png"))
    assert (again.depth, again.metadata) == (found.depth, found.metadata)
    np.testing.assert_array_equal(again.samples, found.samples)
