"""Images that other programs stumble over: kept, or refused with a reason.

The files are not part of the repository; where they are, the summary of the run shows
what became of each. Samples of large ones are cut before they are coded, to save time:
everything is read, and all of the metadata goes through a file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.pictures.orientation import orientation_of
from vaecodec.codec.pictures.picture import Picture, read_picture, to_image
from vaecodec.errors import ImageError
from vaecodec.format.container import parse_file
from vaecodec.format.metadata import Metadata

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "odd"
FILES = sorted(path for path in FOLDER.glob("*.*") if path.suffix != ".csv")
MOST = 192  # rows and columns that are coded

# What no build of Pillow alone decodes: a JPEG of 12 bits, a cut one, HEIC.
UNREADABLE = {"codec_testorig12.jpg", "Pillow_ultrahdr.jpg", "test_IMG_2682.heic"}


def read(path: Path) -> tuple[Picture | None, str]:
    """The picture, if there is one, and what had to be asked for or is wrong."""
    try:
        return read_picture(path), ""
    except ImageError as error:
        if "--convert" not in str(error):
            return None, str(error)
    return read_picture(path, convert=True), "--convert"


def through_a_file(picture: Picture, model: CodecModel) -> Image.Image:
    samples = picture.samples[:MOST, :MOST]
    data = encode_with(
        model,
        samples,
        quality=30,
        depth=picture.depth,
        metadata=picture.metadata,
    )
    file = parse_file(data)
    found = decode_with(model, file)
    return to_image(Picture(found, file.metadata, depth=file.header.depth))


def check_alpha(again: Image.Image, seen: Image.Image, *, deep: bool) -> None:
    """Compare with what Pillow makes of the transparency of an image.

    Of more than 8 bits Pillow takes the upper ones, and we round.
    """
    expected = seen.convert("RGBA").getchannel("A").crop((0, 0, *again.size))
    found = np.asarray(again.getchannel("A")).astype(int)
    assert np.abs(found - np.asarray(expected)).max() <= deep


def check_metadata(again: Image.Image, original: Image.Image, *, kept: bool) -> None:
    info = original.info
    given = Metadata(info.get("icc_profile"), info.get("exif"), info.get("xmp"))
    for field in ("icc_profile", "exif", "xmp"):
        value: bytes | None = getattr(given, field)
        if value and (field != "icc_profile" or kept):
            found = np.frombuffer(again.info[field], np.uint8)
            changed = np.count_nonzero(found != np.frombuffer(value, np.uint8))
            assert changed <= (orientation_of(given) != 1)


@pytest.mark.skipif(not FILES, reason="the folder of odd files is not there")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_odd_file_is_kept_or_refused_with_a_reason(
    path: Path, untrained: CodecModel, record_property: Callable[[str, object], None]
) -> None:
    picture, asked = read(path)
    assert "\n" not in asked
    assert (picture is None) == (path.name in UNREADABLE)
    if picture is None:
        record_property("odd file", (path.name, "", "", f"refused: {asked}"))
        return
    again = through_a_file(picture, untrained)
    with Image.open(path) as original:
        seen = ImageOps.exif_transpose(original)
        assert picture.samples.shape[:2] == (seen.height, seen.width)
        if again.mode in ("LA", "RGBA") and not seen.mode.startswith("I"):
            check_alpha(again, seen, deep=picture.depth > 8)
        assert ("A" in again.mode) == seen.has_transparency_data
        check_metadata(again, original, kept=seen.mode not in ("CMYK", "LAB"))
        before = f"{original.format} {original.mode} {seen.width}x{seen.height}"
    kept = " ".join([again.mode, *sorted(again.info)])
    lost = f"not kept: {', '.join(picture.left_out)}" if picture.left_out else ""
    record_property("odd file", (path.name, before, kept, f"{asked} {lost}".strip()))
