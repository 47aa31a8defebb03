from __future__ import annotations

import io
import itertools
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tests.codec.image_files import packed, with_chunks
from vaecodec.api import compress, decompress
from vaecodec.codec.pictures.picture import Picture, read_picture, to_image
from vaecodec.errors import ImageError
from vaecodec.format.metadata import MAX_METADATA_BYTES, Metadata

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?>'


def exif_bytes() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8769)[0x9003] = "2024:02:29 12:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


EXIF = exif_bytes()
EVERYTHING = {"icc_profile": PROFILE, "exif": EXIF, "xmp": XMP}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *itertools.product(["JPEG", "WEBP", "PNG", "AVIF"], ["RGB", "L"]),
        *itertools.product(["WEBP", "PNG", "AVIF"], ["RGBA", "LA"]),
    ],
)
def test_metadata_comes_back_byte_by_byte(
    kind: str, mode: str, untrained_path: Path
) -> None:
    image = Image.effect_noise((20, 30), 60).convert(mode)
    given = {**EVERYTHING, "xmp": None} if kind == "PNG" else EVERYTHING
    data = packed(image, kind, **given)
    if kind == "PNG":
        text = b"XML:com.adobe.xmp\0\0\0\0\0" + XMP
        data = with_chunks(data, (b"iTXt", text))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        file = compress(data, model=untrained_path)
    with Image.open(io.BytesIO(data)) as original:
        expected = {name: original.info[name] for name in EVERYTHING}
    assert expected["icc_profile"] == PROFILE
    assert expected["xmp"] == XMP
    again = decompress(file, painter=untrained_path)
    assert {name: again.info[name] for name in EVERYTHING} == expected


def test_metadata_in_a_pillow_image_is_kept_too() -> None:
    image = Image.new("L", (3, 2))
    image.info.update(EVERYTHING)
    assert read_picture(image).metadata == Metadata(**EVERYTHING)


def test_metadata_is_left_out_when_asked_without_a_word() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "A title")
    image = Image.new("L", (3, 2))
    data = packed(image, exif=EXIF, icc_profile=PROFILE, pnginfo=text, dpi=(300, 300))
    picture = read_picture(data, metadata=False)
    assert (picture.metadata, picture.left_out) == (Metadata(), ())


def test_an_image_without_metadata_has_none() -> None:
    picture = read_picture(packed(Image.new("RGB", (3, 2))))
    assert (picture.metadata, picture.left_out) == (Metadata(), ())


def test_exif_of_a_tiff_file_keeps_what_is_about_the_picture() -> None:
    data = packed(Image.new("RGB", (3, 2)), "TIFF", exif=EXIF)
    exif = Image.Exif()
    exif.load(read_picture(data).metadata.exif or b"")
    assert exif[0x010F] == "A maker"
    assert exif.get_ifd(0x8769) == {0x9003: "2024:02:29 12:00:00"}
    assert exif.get_ifd(0x8825) == {1: "N"}
    assert set(exif) == {0x010F, 0x8769, 0x8825}


def test_a_tiff_file_about_nothing_has_no_exif() -> None:
    assert read_picture(packed(Image.new("L", (3, 2)), "TIFF")).metadata.exif is None


def test_xmp_of_a_tiff_file_is_kept() -> None:
    data = packed(Image.new("L", (3, 2)), "TIFF", tiffinfo={700: XMP})
    assert read_picture(data).metadata.xmp == XMP


def test_exif_as_older_programs_put_it_into_png_is_kept() -> None:
    raw = f"\nexif\n{len(EXIF):8}\n{EXIF.hex()}\n".encode()
    chunk = b"Raw profile type exif\0\0" + zlib.compress(raw)
    data = with_chunks(packed(Image.new("L", (3, 2))), (b"zTXt", chunk))
    picture = read_picture(data)
    assert (picture.metadata.exif, picture.left_out) == (EXIF, ())


def test_more_metadata_than_a_file_can_hold_is_refused_with_a_way_out() -> None:
    image = Image.new("L", (3, 2))
    image.info["xmp"] = bytes(MAX_METADATA_BYTES + 1)
    with pytest.raises(ImageError, match=r"XMP of 16777217 bytes.*metadata=False"):
        read_picture(image)
    assert read_picture(image, metadata=False).samples.shape == (2, 3)


def png(**options: object) -> bytes:
    return packed(Image.new("L", (3, 2)), **options)


def texts(*names: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for name in names:
        info.add_text(name, "text")
    return info


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", round(100_000 * value).to_bytes(4, "big")


def chromaticities(red: int) -> tuple[bytes, bytes]:
    values = [31270, 32900, red, 33000, 30000, 60000, 15000, 6000]
    return b"cHRM", b"".join(value.to_bytes(4, "big") for value in values)


SRGB = (b"sRGB", b"\0")
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0more"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(pnginfo=texts("Title")), ["the text Title"]),
        (png(pnginfo=texts(*"abcde")), ["the text a, b and 3 more"]),
        (packed(Image.new("L", (3, 2)), "JPEG", comment="Hello"), ["the comment"]),
        (png(dpi=(300, 300)), ["the resolution of 300 dpi"]),
        (png(dpi=(72, 72)), []),
        (png(dpi=(300, 300), exif=EXIF), []),
        (with_chunks(png(), gamma(1)), ["the gamma of 1"]),
        (with_chunks(png(), gamma(0.45455)), []),
        (with_chunks(png(), SRGB, gamma(1)), []),
        (with_chunks(png(icc_profile=PROFILE), gamma(1)), []),
        (with_chunks(png(), chromaticities(64000)), []),
        (
            with_chunks(png(), chromaticities(68000)),
            ["the chromaticities of its colours"],
        ),
        (
            packed(Image.new("L", (32, 32)), "ICO", sizes=[(16, 16), (32, 32)]),
            ["the smaller sizes of an icon"],
        ),
        (
            packed(Image.new("L", (3, 2)), "JPEG", extra=b"\xff\xe1\0\x29" + EXTENDED),
            ["extended XMP"],
        ),
        (
            packed(
                Image.new("L", (3, 2)),
                "JPEG",
                extra=b"\xff\xed\0\x1cPhotoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0",
            ),
            ["Photoshop's and IPTC data"],
        ),
    ],
)
def test_what_has_no_place_in_a_file_is_named(data: bytes, expected: list[str]) -> None:
    assert list(read_picture(data).left_out) == expected


def test_everything_that_is_left_out_is_one_warning_where_compress_is_called(
    untrained_path: Path,
) -> None:
    data = png(pnginfo=texts("Title"), dpi=(300, 300))
    message = "^not kept: the text Title, the resolution of 300 dpi$"
    with pytest.warns(UserWarning, match=message) as caught:
        compress(data, model=untrained_path)
    assert [warning.filename for warning in caught] == [__file__]


def test_the_image_that_comes_back_holds_only_what_was_there() -> None:
    samples = read_picture(Image.new("LA", (3, 2))).samples
    assert to_image(Picture(samples, Metadata())).info == {}
    assert to_image(Picture(samples, Metadata(xmp=b""))).info == {"xmp": b""}
