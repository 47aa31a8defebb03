from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.codec.image_files import packed, tiff
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.pictures.orientation import (
    orientation_of,
    turned_upright,
    with_upright,
)
from vaecodec.codec.pictures.picture import Picture, read_picture, to_image
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
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0", 2 * b"Exif\0\0"])
def test_of_exif_only_the_orientation_is_changed(
    orientation: int, order: str, prefix: bytes
) -> None:
    exif = exif_of(orientation, order, prefix)
    metadata = Metadata(exif=exif)
    assert orientation_of(metadata) == orientation
    assert with_upright(metadata) == Metadata(exif=exif_of(1, order, prefix))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    "written", ['tiff:Orientation="%d"', "<tiff:Orientation>%d</t"]
)
def test_of_xmp_only_the_orientation_is_changed(orientation: int, written: str) -> None:
    xmp, upright = (XMP % (written % value).encode() for value in (orientation, 1))
    metadata = Metadata(xmp=xmp)
    assert orientation_of(metadata) == orientation
    assert with_upright(metadata) == Metadata(xmp=upright)


@pytest.mark.parametrize("written", ["tiff:Orientation='6'", 'tiff:Orientation = "6"'])
def test_xmp_that_pillow_cannot_read_is_changed_where_exif_turned_the_image(
    written: str,
) -> None:
    xmp = XMP % written.encode()
    image = Image.new("L", (5, 3))
    alone = read_picture(packed(image, "WEBP", xmp=xmp))
    assert (alone.samples.shape[:2], alone.metadata.xmp) == ((3, 5), xmp)
    both = read_picture(packed(image, "WEBP", xmp=xmp, exif=exif_of(6)))
    assert both.samples.shape[:2] == (5, 3)
    assert both.metadata.xmp == xmp.replace(b"6", b"1")


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
        tiff([(TAG, 1, 1, b"\6\0\0\0")]),
        tiff([(TAG, 2, 1, b"6\0\0\0")]),
        tiff([(TAG + 1, 3, 1, b"\6\0\0\0")]),
    ],
)
def test_exif_that_says_nothing_of_an_orientation_turns_nothing(exif: bytes) -> None:
    assert orientation_of(Metadata(exif=exif)) is None


ODD = {
    "doubled prefix": exif_of(6, prefix=2 * b"Exif\0\0"),
    "mixed byte order": exif_of(6, ">").replace(b"MM\0*", b"MM*\0"),
    "two values": tiff([(TAG, 3, 2, b"\6\0\3\0")]),
    "no values": tiff([(TAG, 3, 0, b"\6\0\0\0")]),
    "many values": tiff([(TAG, 3, 5, b"\x08\0\0\0")]),
    "as a LONG": tiff([(TAG, 4, 1, b"\6\0\0\0")]),
    "as a BYTE": tiff([(TAG, 1, 1, b"\6\0\0\0")]),
    "as a signed number": tiff([(TAG, 8, 1, b"\6\0\0\0")]),
    "as a FLOAT": tiff([(TAG, 11, 1, b"\0\0\xc0@")]),
    "as text": tiff([(TAG, 2, 2, b"6\0\0\0")]),
    "twice": tiff([(TAG, 3, 1, b"\6\0\0\0"), (TAG, 3, 1, b"\3\0\0\0")]),
    "first unreadable": tiff([(TAG, 99, 1, b"\6\0\0\0"), (TAG, 3, 1, b"\3\0\0\0")]),
    "0": exif_of(0),
    "9": exif_of(9),
}


@pytest.mark.parametrize("xmp", [None, XMP % b'tiff:Orientation="8"'])
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "AVIF"])
@pytest.mark.filterwarnings("ignore:Metadata Warning|Possibly corrupt")
def test_pillow_and_we_turn_the_same_images_the_same_way(
    kind: str, name: str, xmp: bytes | None
) -> None:
    image = Image.radial_gradient("L").crop((0, 0, 48, 32))
    options = {"xmp": xmp} if xmp and kind != "PNG" else {}
    try:
        data = packed(image, kind, exif=ODD[name], **options)
    except Exception:
        pytest.skip("Pillow does not write this Exif")
    picture = read_picture(data)
    with Image.open(io.BytesIO(data)) as stored:
        expected = ImageOps.exif_transpose(stored)
    upright = to_image(picture)
    for found in (upright, ImageOps.exif_transpose(upright)):
        np.testing.assert_array_equal(found, expected.convert(found.mode))


@given(exif=st.binary(max_size=60), prefix=st.sampled_from([b"II*\0", b"MM\0*", b""]))
def test_damaged_exif_is_no_reason_to_fail(exif: bytes, prefix: bytes) -> None:
    metadata = Metadata(exif=prefix + exif)
    upright = with_upright(metadata)
    assert len(upright.exif or b"") == len(prefix + exif)
    expected = 1 if orientation_of(metadata) else None
    assert orientation_of(upright) in (expected, 1)


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
    assert orientation_of(picture.metadata) in (1, None)
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


@pytest.mark.parametrize("name", ["two values", "9", "as a BYTE"])
@pytest.mark.filterwarnings("ignore:Metadata Warning")
def test_a_tiff_file_keeps_an_orientation_that_was_not_applied(name: str) -> None:
    image = Image.radial_gradient("L").crop((0, 0, 48, 32))
    image.info["exif"] = ODD[name]
    picture = Picture(np.asarray(image), Metadata(exif=ODD[name]))
    with Image.open(io.BytesIO(pack_image(picture, ".tiff"))) as again:
        found = np.asarray(again)
    np.testing.assert_array_equal(found, ImageOps.exif_transpose(image))


def test_pixels_are_turned_also_where_metadata_is_not_kept() -> None:
    image = Image.new("L", (5, 3))
    data = packed(image, exif=exif_of(6))
    picture = read_picture(data, metadata=False)
    assert picture.samples.shape == (5, 3)
    assert picture.metadata == Metadata()
