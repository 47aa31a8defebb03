"""What travels with a picture is named, and the kept XMP speaks of it no more."""

from __future__ import annotations

import io
import struct
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.codec.image_files import packed, with_chunks
from vaecodec.codec.pictures.companions import without_claims
from vaecodec.codec.pictures.picture import read_picture

HDRGM = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
CONTAINER = (
    'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    'xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
)
CAMERA = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
IMAGE = Image.radial_gradient("L").convert("RGB").resize((32, 32))


def xmp_of(attributes: str = "", elements: str = "") -> bytes:
    return (
        '<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about=""{attributes}>{elements}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>  <?xpacket end="w"?>'
    ).encode()


def directory(meaning: str) -> str:
    return (
        f"<Container:Directory {CONTAINER}><rdf:Seq><rdf:li>"
        f'<Container:Item Item:Semantic="{meaning}" Item:Length="99"/>'
        "</rdf:li></rdf:Seq></Container:Directory>"
    )


CLAIMS = [
    (xmp_of(f' {HDRGM} hdrgm:Version="1.0"'), "the gain map"),
    (xmp_of(f' {HDRGM.replace("hdrgm", "g")} g:Version="1.0"'), "the gain map"),
    (xmp_of("", f"<hdrgm:Version {HDRGM}>1.0</hdrgm:Version>"), "the gain map"),
    (xmp_of("", f"<hdrgm:Version {HDRGM}/>"), "the gain map"),
    (xmp_of("", directory("GainMap")), "the gain map"),
    (xmp_of("", directory("Depth")), "the depth map"),
    (xmp_of("", directory("MotionPhoto")), "the film of a motion photo"),
    (xmp_of(f' {CAMERA} GCamera:MotionPhoto="1"'), "the film of a motion photo"),
    (xmp_of(f' {CAMERA} GCamera:MicroVideo="1"'), "the film of a motion photo"),
    (
        xmp_of(' xmlns:t="http://purl.org/dc/terms/" t:provenance="self#jumbf=c2pa/a"'),
        "C2PA provenance",
    ),
]


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "WEBP", "AVIF"])
@pytest.mark.parametrize(("xmp", "name"), CLAIMS)
def test_what_xmp_says_of_companions_is_named_and_taken_out(
    kind: str, xmp: bytes, name: str
) -> None:
    several = {"save_all": True, "append_images": [IMAGE]} if kind == "MPO" else {}
    picture = read_picture(packed(IMAGE, kind, xmp=xmp, **several))
    assert name in picture.left_out
    kept = picture.metadata.xmp or b""
    ElementTree.fromstring(kept)
    for word in (b"ersion", b"Item", b"Motion", b"MicroVideo", b"provenance"):
        assert word not in kept


def test_everything_else_in_xmp_stays_byte_by_byte() -> None:
    other = f" {DC}\n dc:format = 'a>b'"
    title = "<dc:title> é &lt; </dc:title>\n"
    claims = f" {HDRGM} hdrgm:Version=\"1.0\" hdrgm:Gamma='1'"
    nested = f"<hdrgm:Max {HDRGM}><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></hdrgm:Max>"
    xmp = xmp_of(claims + other, nested + title + directory("GainMap") + "<rdf:x/>")
    assert without_claims(xmp) == xmp_of(other, title + "<rdf:x/>")


@pytest.mark.parametrize("xmp", [None, b"", b"<x/>", b"no XML", xmp_of(f" {DC}")])
def test_xmp_that_says_nothing_of_companions_is_not_touched(xmp: bytes | None) -> None:
    assert without_claims(xmp) == xmp


def test_extended_xmp_that_is_left_out_is_not_announced() -> None:
    note = ' xmlns:n="http://ns.adobe.com/xmp/note/" n:HasExtendedXMP="AB"'
    assert without_claims(xmp_of(note)) == xmp_of(note.partition(" n:")[0])


@pytest.mark.parametrize("start", [b"<a ", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a "])
def test_damaged_xmp_that_says_something_is_left_out_and_named(start: bytes) -> None:
    xmp = start + HDRGM.encode() + b"><b></a>"
    picture = read_picture(packed(IMAGE, "JPEG", xmp=xmp))
    assert picture.left_out == ("the gain map", "damaged XMP")
    assert picture.metadata.xmp is None


@given(before=st.binary(max_size=30), after=st.binary(max_size=30))
def test_xmp_from_anywhere_is_mended_or_left_out(before: bytes, after: bytes) -> None:
    xmp = without_claims(before + CLAIMS[0][0] + after)
    assert xmp is None or b"Version" not in xmp


def segment(number: int, data: bytes) -> bytes:
    return b"\xff" + bytes([0xE0 + number]) + struct.pack(">H", len(data) + 2) + data


JUMBF = (
    b"\0\0\0\x2fjumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0"
)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (
            packed(IMAGE, "JPEG", extra=segment(2, b"urn:iso:std:iso:ts:21496:-1\0")),
            "the gain map",
        ),
        (packed(IMAGE, "AVIF") + b"urn:com:apple:photo:2020:aux:hdrgainmap\0", "gain"),
        (packed(IMAGE, "AVIF") + b"infe12345678tmap", "gain"),
        (packed(IMAGE, "JPEG") + b"MotionPhoto_Data", "the film of a motion photo"),
        (packed(IMAGE, "JPEG", extra=segment(11, b"JP\0\1\0\0\0\1" + JUMBF)), "C2PA"),
        (with_chunks(packed(IMAGE), (b"caBX", JUMBF)), "C2PA"),
        (packed(IMAGE, "WEBP") + b"C2PA" + JUMBF, "C2PA"),
        (packed(IMAGE, "TIFF") + JUMBF, "C2PA"),
    ],
)
def test_companions_that_xmp_does_not_announce_are_named(
    data: bytes, name: str
) -> None:
    [found] = read_picture(data).left_out
    assert name in found


def test_an_opened_jpeg_says_what_its_segments_hold() -> None:
    data = packed(IMAGE, "JPEG", extra=segment(11, b"JP\0\1\0\0\0\1" + JUMBF))
    with Image.open(io.BytesIO(data)) as image:
        assert read_picture(image).left_out == ("C2PA provenance",)
