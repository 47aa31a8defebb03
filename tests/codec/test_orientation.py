from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.codec.image_files import packed, tiff
from vaecodec.codec.orientation import orientation_of, turned_upright, with_upright
from vaecodec.codec.pictures import read_picture
from vaecodec.format.metadata import Metadata

TAG = 0x0112
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description %b/></x:xmpmeta>'


def exif_of(orientation: int, order: str = "<", prefix: bytes = b"") -> bytes:
    """Exif with two entries before the orientation and one after it."""
    value = struct.pack(order + "HH", orientation, 0)
    other = (7, 4, 1, b"abcd")
    return prefix + tiff(
        [other, other, (TAG, 3, 1, value), (0x0131, 3, 1, b"wxyz")], order=order
    )


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_of_exif_only_the_orientation_is_changed(
    orientation: int, order: str, prefix: bytes
) -> None:
    exif = exif_of(orientation, order, prefix)
    metadata = Metadata(exif=exif)
    assert orientation_of(metadata) == orientation
    assert with_upright(metadata) == Metadata(exif=exif_of(1, order, prefix))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    "written",
    ['tiff:Orientation="%d"', "tiff:Orientation = '%d'", "<tiff:Orientation>%d</t"],
)
def test_of_xmp_only_the_orientation_is_changed(orientation: int, written: str) -> None:
    xmp, upright = (XMP % (written % value).encode() for value in (orientation, 1))
    metadata = Metadata(xmp=xmp)
    assert orientation_of(metadata) == orientation
    assert with_upright(metadata) == Metadata(xmp=upright)


def test_exif_has_the_say_and_xmp_follows() -> None:
    xmp = XMP % b'tiff:Orientation="8"'
    metadata = Metadata(b"profile", exif_of(6), xmp)
    assert orientation_of(metadata) == 6
    expected = Metadata(b"profile", exif_of(1), XMP % b'tiff:Orientation="1"')
    assert with_upright(metadata) == expected


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0",
        exif_of(6)[:40],
        exif_of(0),
        exif_of(9),
        exif_of(6).replace(b"II*\0", b"II+\0"),
        tiff([(TAG, 3, 2, b"\6\0\6\0")]),
        tiff([(TAG, 2, 1, b"6\0\0\0")]),
        tiff([(TAG + 1, 3, 1, b"\6\0\0\0")]),
    ],
)
def test_exif_that_says_nothing_of_an_orientation_turns_nothing(exif: bytes) -> None:
    assert orientation_of(Metadata(exif=exif)) == 1


@given(exif=st.binary(max_size=60), prefix=st.sampled_from([b"II*\0", b"MM\0*", b""]))
def test_damaged_exif_is_no_reason_to_fail(exif: bytes, prefix: bytes) -> None:
    metadata = Metadata(exif=prefix + exif)
    assert 1 <= orientation_of(metadata) <= 8
    upright = with_upright(metadata)
    assert len(upright.exif or b"") == len(prefix + exif)
    assert orientation_of(upright) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3)])
def test_pixels_are_turned_as_pillow_turns_them(
    orientation: int, shape: tuple[int, ...]
) -> None:
    samples = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    exif = Image.Exif()
    exif[TAG] = orientation
    image = Image.fromarray(samples)
    image.info["exif"] = exif.tobytes()
    expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(turned_upright(samples, orientation), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_files_of_every_kind_come_upright_and_say_so(
    kind: str, orientation: int
) -> None:
    dark_corner = np.full((32, 48, 3), 220, np.uint8)
    dark_corner[:16, :16] = 20
    exif = Image.Exif()
    exif[TAG] = orientation
    lossless = {"lossless": True} if kind == "WEBP" else {}
    data = packed(Image.fromarray(dark_corner), kind, exif=exif, **lossless)
    picture = read_picture(data)
    expected = turned_upright(dark_corner, orientation)
    assert picture.samples.shape == expected.shape
    assert np.abs(picture.samples.astype(int) - expected).max() < 30
    assert orientation_of(picture.metadata) == 1
    assert picture.left_out == ()


def test_xmp_alone_turns_an_image_too() -> None:
    xmp = XMP % b'tiff:Orientation="6"'
    image = Image.new("L", (5, 3))
    data = packed(image, "WEBP", xmp=xmp, lossless=True)
    picture = read_picture(data)
    assert picture.samples.shape[:2] == (5, 3)
    assert picture.metadata.xmp == XMP % b'tiff:Orientation="1"'


@pytest.mark.parametrize(
    ("tags", "turned"), [({}, True), ({TAG: 1}, False), ({TAG: 6}, True)]
)
def test_a_tiff_file_that_says_it_twice_is_turned_once(
    tags: dict[int, int], turned: bool
) -> None:
    xmp = XMP % b'tiff:Orientation="6"'
    data = packed(Image.new("L", (5, 3)), "TIFF", tiffinfo={**tags, 700: xmp})
    picture = read_picture(data)
    assert picture.samples.shape == ((5, 3) if turned else (3, 5))
    assert picture.metadata.xmp == XMP % b'tiff:Orientation="1"'


def test_xmp_does_not_turn_an_avif_file() -> None:
    xmp = XMP % b'tiff:Orientation="6"'
    picture = read_picture(packed(Image.new("L", (5, 3)), "AVIF", xmp=xmp))
    assert picture.samples.shape[:2] == (3, 5)
    assert picture.metadata.xmp == XMP % b'tiff:Orientation="1"'


def test_pixels_are_turned_also_where_metadata_is_not_kept() -> None:
    image = Image.new("L", (5, 3))
    data = packed(image, exif=exif_of(6))
    picture = read_picture(data, metadata=False)
    assert picture.samples.shape == (5, 3)
    assert picture.metadata == Metadata()
