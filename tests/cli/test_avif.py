"""AVIF files hold every sample of up to 12 bits, with their colours."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from tests.cli.test_image_metadata import EXIF, PROFILE, XMP
from tests.codec.deep_pictures import deep_picture
from vaecodec.cli import main
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.format.metadata import Metadata
from vaecodec.models.depth import dtype_of, of_depth

pytest.importorskip("pyvips")

NOISE = np.random.default_rng(5).integers(0, 1 << 16, (33, 40, 4), np.uint16)
HDR = bytes([9, 16, 0, 1])


def noise(channels: int, depth: int) -> Picture:
    samples = (NOISE[..., :channels] >> (16 - depth)).astype(dtype_of(depth))
    return Picture(samples.squeeze(), depth=depth)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [8, 9, 10, 11, 12])
def test_every_sample_comes_back(depth: int, channels: int) -> None:
    picture = noise(channels, depth)
    again = read_picture(pack_image(picture, ".avif"))
    assert again.depth == depth + depth % 2  # AVIF has 8, 10 and 12
    found = np.atleast_3d(of_depth(again.samples, again.depth, depth))
    if channels < 3:  # gray is RGB there
        assert (found[..., 0] == found[..., 1]).all()
        found = found[..., 2:]
    np.testing.assert_array_equal(found, np.atleast_3d(picture.samples))


def test_more_bits_are_refused_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("deep.vaec").write_bytes(vaecodec.encode(NOISE, lossless=True))
    assert main(["decompress", "deep.vaec", "--format", "avif"]) == 3
    reason = ".avif cannot hold 16 bits, at most 12 (.png, .tiff and .ppm can)"
    assert only_line(capsys) == f"vaecodec: deep.vaec: {reason}"
    assert "deep.avif" not in names(folder)


def test_hdr_of_10_bits_goes_through_as_avif(folder: Path) -> None:
    samples = deep_picture(64, 96, 3, 10)
    source = Picture(samples, Metadata(code_points=HDR, xmp=XMP), depth=10)
    Path("hdr.avif").write_bytes(pack_image(source, ".avif"))
    assert main(["compress", "--lossless", "hdr.avif"]) == 0
    assert main(["decompress", "hdr.vaec", "-o", "again.avif"]) == 0
    again = read_picture(Path("again.avif"))
    assert (again.depth, again.metadata) == (10, source.metadata)
    np.testing.assert_array_equal(again.samples, samples)


def test_a_profile_xmp_and_the_tags_of_exif_are_kept() -> None:
    metadata = Metadata(icc_profile=PROFILE, exif=EXIF, xmp=XMP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = Picture(noise(3, 8).samples, metadata)
        again = read_picture(pack_image(picture, ".avif")).metadata
        bare = read_picture(pack_image(noise(3, 8), ".avif")).metadata
    assert (again.icc_profile, again.xmp) == (PROFILE, XMP)
    tags = Image.Exif()
    tags.load(again.exif)
    assert tags[0x010F] == "A maker"
    assert bare == Metadata()


@pytest.mark.parametrize(
    ("channels", "points", "why"),
    [(3, HDR, "beside colour code points"), (1, None, "of gray")],
)
def test_a_profile_that_does_not_fit_is_said_to_be_gone(
    channels: int, points: bytes | None, why: str
) -> None:
    metadata = Metadata(icc_profile=PROFILE, code_points=points)
    picture = Picture(noise(channels, 10).samples, metadata, depth=10)
    with pytest.warns(UserWarning, match=rf"ICC profile \(AVIF cannot hold one {why}"):
        packed = pack_image(picture, ".avif")
    assert read_picture(packed).metadata == Metadata(code_points=points)


def test_mastering_data_is_said_to_be_gone() -> None:
    picture = Picture(NOISE >> 4, Metadata(mastering=bytes(range(32))), depth=12)
    with pytest.warns(UserWarning, match=r"mastering data \(AVIF cannot hold it\)"):
        pack_image(picture, ".avif")


@pytest.mark.parametrize("exif", [b"Exif\0\0no TIFF structure", b"\xff"])
def test_damaged_exif_costs_no_image(exif: bytes) -> None:
    metadata = Metadata(icc_profile=PROFILE, exif=exif)
    picture = Picture(noise(3, 10).samples, metadata, depth=10)
    with pytest.warns(UserWarning, match=r"not kept: Exif \(AVIF"):
        again = read_picture(pack_image(picture, ".avif"))
    assert again.metadata == Metadata(icc_profile=PROFILE)
    np.testing.assert_array_equal(again.samples, picture.samples)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vaecodec.cli.avif.find_spec", lambda _: None)
    with pytest.raises(OSError, match=r"with the extra 'deep' \(pip install"):
        pack_image(noise(3, 10), ".avif")
