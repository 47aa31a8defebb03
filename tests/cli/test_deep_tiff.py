"""TIFF files of more than 8 bits hold every sample, and what TIFF knows beside them."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pytest

from tests.cli.test_image_metadata import EXIF, PROFILE, XMP
from tests.codec.deep_pictures import deep_picture
from vaecodec.cli.deep_tiff import STRIP_BYTES
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.format.metadata import Metadata
from vaecodec.models.depth import of_depth

tifffile = pytest.importorskip("tifffile")

NOISE = np.random.default_rng(5).integers(0, 1 << 16, (33, 40, 4), np.uint16)
SIZES = [(1, 1), (1, 90), (90, 1), (50, 70)]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_others_read_every_sample(size: tuple[int, int], channels: int) -> None:
    samples = deep_picture(*size, channels, 16)
    packed = pack_image(Picture(samples, depth=16), ".tiff")
    found = tifffile.imread(io.BytesIO(packed)).reshape(samples.shape)
    np.testing.assert_array_equal(found, samples)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("depth", [9, 12, 16])
def test_the_codec_reads_them_as_16_bits(depth: int, channels: int) -> None:
    samples = NOISE[..., :channels].squeeze() >> (16 - depth)
    again = read_picture(pack_image(Picture(samples, depth=depth), ".tif"))
    assert again.depth == 16
    np.testing.assert_array_equal(of_depth(again.samples, 16, depth), samples)


def test_a_large_file_has_several_strips_and_is_small_where_it_is_smooth() -> None:
    samples = deep_picture(300, 400, 3, 16)
    packed = pack_image(Picture(samples, depth=16), ".tiff")
    with tifffile.TiffFile(io.BytesIO(packed)) as file:
        assert len(file.pages[0].dataoffsets) == -(-samples.nbytes // STRIP_BYTES)
    assert len(packed) < samples.nbytes / 20
    np.testing.assert_array_equal(read_picture(packed).samples, samples)


def test_metadata_is_that_of_a_file_of_8_bits() -> None:
    metadata = Metadata(icc_profile=PROFILE, exif=EXIF, xmp=XMP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deep, shallow = (
            read_picture(pack_image(Picture(samples, metadata, depth=depth), ".tif"))
            for samples, depth in ((NOISE, 16), (NOISE.astype(np.uint8), 8))
        )
    assert deep.metadata == shallow.metadata
    assert (deep.metadata.icc_profile, deep.metadata.xmp) == (PROFILE, XMP)


def test_code_points_are_said_to_be_gone() -> None:
    picture = Picture(NOISE, Metadata(code_points=bytes([9, 16, 0, 1])), depth=16)
    with pytest.warns(UserWarning, match=r"colour code points \(TIFF cannot hold it"):
        pack_image(picture, ".tiff")


def test_damaged_exif_costs_no_image() -> None:
    metadata = Metadata(icc_profile=PROFILE, exif=b"Exif\0\0no TIFF structure")
    with pytest.warns(UserWarning, match="not kept: Exif"):
        again = read_picture(pack_image(Picture(NOISE, metadata, depth=16), ".tif"))
    assert again.metadata.icc_profile == PROFILE
    np.testing.assert_array_equal(again.samples, NOISE)
