"""What `decompress` writes beside the pixels."""

from __future__ import annotations

import io
import warnings

import pytest
from PIL import Image, ImageCms

from vaecodec.cli.image_formats import pack_image

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/">é</x:xmpmeta>'.encode()


def exif_bytes() -> bytes:
    exif = Image.Exif()
    exif[0x0100] = 4000  # the width of the sensor
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8769)[0x9003] = "2024:02:29 12:00:00"
    return exif.tobytes()


EXIF = exif_bytes()


def image_with(**info: bytes) -> Image.Image:
    image = Image.effect_noise((7, 5), 60).convert("RGB")
    image.info.update(info)
    return image


def written(image: Image.Image, suffix: str) -> Image.Image:
    """The image, written without a warning and read again."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = Image.open(io.BytesIO(pack_image(image, suffix)))
    assert again.tobytes() == image.tobytes()
    return again


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".ppm", ".bmp"])
def test_an_image_without_metadata_is_written_without_any(suffix: str) -> None:
    found = written(image_with(), suffix).info
    assert not {"icc_profile", "exif", "xmp"} & set(found)


def test_png_holds_every_byte() -> None:
    found = written(image_with(icc_profile=PROFILE, exif=EXIF, xmp=XMP), ".png").info
    assert (found["icc_profile"], found["exif"]) == (PROFILE, EXIF)
    assert found["XML:com.adobe.xmp"].encode() == XMP


def test_webp_holds_every_byte() -> None:
    found = written(image_with(icc_profile=PROFILE, exif=EXIF, xmp=XMP), ".webp").info
    assert (found["icc_profile"], found["xmp"]) == (PROFILE, XMP)
    assert found["exif"] == EXIF.removeprefix(b"Exif\0\0")


def test_tiff_holds_what_is_about_the_picture() -> None:
    again = written(image_with(icc_profile=PROFILE, exif=EXIF, xmp=XMP), ".tiff")
    assert again.info["icc_profile"] == PROFILE
    assert again.info["xmp"] == XMP
    tags = again.getexif()
    assert tags[0x010F] == "A maker"
    assert tags.get_ifd(0x8769) == {0x9003: "2024:02:29 12:00:00"}
    assert again.size == (7, 5)


@pytest.mark.parametrize("field", ["icc_profile", "exif", "xmp"])
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_each_kind_of_metadata_can_stand_alone(suffix: str, field: str) -> None:
    given = {"icc_profile": PROFILE, "exif": EXIF, "xmp": XMP}[field]
    found = written(image_with(**{field: given}), suffix)
    others = {"icc_profile", "exif", "xmp"} - {field}
    assert not others & set(found.info)


@pytest.mark.parametrize("suffix", [".ppm", ".bmp"])
def test_formats_without_metadata_say_what_is_gone(suffix: str) -> None:
    with pytest.warns(UserWarning, match="not kept: ICC profile, XMP"):
        pack_image(image_with(icc_profile=PROFILE, xmp=XMP), suffix)


@pytest.mark.parametrize(
    ("suffix", "info", "name"),
    [
        (".png", {"xmp": b"\xff\xfe"}, "XMP"),
        (".tif", {"exif": b"Exif\0\0no TIFF structure"}, "Exif"),
    ],
)
def test_damaged_metadata_costs_no_image(
    suffix: str, info: dict[str, bytes], name: str
) -> None:
    with pytest.warns(UserWarning, match=f"not kept: {name}"):
        data = pack_image(image_with(icc_profile=PROFILE, **info), suffix)
    with Image.open(io.BytesIO(data)) as again:
        assert again.info["icc_profile"] == PROFILE
