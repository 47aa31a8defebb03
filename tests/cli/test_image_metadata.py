"""What `decompress` writes beside the pixels."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pytest
from PIL import Image, ImageCms

from vaecodec.cli.image_formats import pack_image
from vaecodec.cli.png_chunks import split_png
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.format.metadata import Metadata

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/">é</x:xmpmeta>'.encode()


def exif_bytes() -> bytes:
    exif = Image.Exif()
    exif[0x0100] = 4000  # the width of the sensor
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8769)[0x9003] = "2024:02:29 12:00:00"
    return exif.tobytes()


EXIF = exif_bytes()


def picture_with(**metadata: bytes) -> Picture:
    image = Image.effect_noise((7, 5), 60).convert("RGB")
    return Picture(np.asarray(image), Metadata(**metadata))


def written(picture: Picture, suffix: str) -> Image.Image:
    """The picture, written without a warning and read again."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = Image.open(io.BytesIO(pack_image(picture, suffix)))
    np.testing.assert_array_equal(np.asarray(again), picture.samples)
    return again


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".ppm", ".bmp"])
def test_an_image_without_metadata_is_written_without_any(suffix: str) -> None:
    found = written(picture_with(), suffix).info
    assert not {"icc_profile", "exif", "xmp"} & set(found)


def test_png_holds_every_byte() -> None:
    found = written(picture_with(icc_profile=PROFILE, exif=EXIF, xmp=XMP), ".png").info
    assert (found["icc_profile"], found["exif"]) == (PROFILE, EXIF)
    assert found["XML:com.adobe.xmp"].encode() == XMP


def test_webp_holds_every_byte() -> None:
    found = written(picture_with(icc_profile=PROFILE, exif=EXIF, xmp=XMP), ".webp").info
    assert (found["icc_profile"], found["xmp"]) == (PROFILE, XMP)
    assert found["exif"] == EXIF.removeprefix(b"Exif\0\0")


def test_tiff_holds_what_is_about_the_picture() -> None:
    again = written(picture_with(icc_profile=PROFILE, exif=EXIF, xmp=XMP), ".tiff")
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
    found = written(picture_with(**{field: given}), suffix)
    others = {"icc_profile", "exif", "xmp"} - {field}
    assert not others & set(found.info)


@pytest.mark.parametrize("suffix", [".ppm", ".bmp"])
def test_formats_without_metadata_say_what_is_gone(suffix: str) -> None:
    with pytest.warns(UserWarning, match="not kept: ICC profile, XMP"):
        pack_image(picture_with(icc_profile=PROFILE, xmp=XMP), suffix)


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
        data = pack_image(picture_with(icc_profile=PROFILE, **info), suffix)
    with Image.open(io.BytesIO(data)) as again:
        assert again.info["icc_profile"] == PROFILE


CODE_POINTS, MASTERING = bytes([9, 16, 0, 1]), bytes(range(1, 33))


@pytest.mark.parametrize("depth", [8, 10])
def test_png_holds_code_points_and_mastering_data(depth: int) -> None:
    metadata = Metadata(code_points=CODE_POINTS, mastering=MASTERING)
    samples = np.zeros((4, 5, 3), np.uint8 if depth == 8 else np.uint16)
    packed = pack_image(Picture(samples, metadata, depth=depth), ".png")
    kinds = [kind for kind, _ in split_png(packed)]
    assert kinds.index(b"cICP") < kinds.index(b"IDAT")
    again = read_picture(packed)
    assert (again.metadata, again.depth) == (metadata, depth)


@pytest.mark.parametrize("suffix", [".webp", ".tif", ".ppm", ".bmp"])
def test_other_formats_say_that_code_points_are_gone(suffix: str) -> None:
    picture = picture_with(code_points=CODE_POINTS, mastering=MASTERING)
    message = "not kept: colour code points, mastering data"
    with pytest.warns(UserWarning, match=message) as caught:
        pack_image(picture, suffix)
    assert len(caught) == 1
