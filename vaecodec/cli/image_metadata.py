"""Metadata of a decompressed image, as Pillow's writers want to be given it.

In: an image with `info`, and the format it is going to be written in; out: options of
`Image.save`. PNG and WebP keep every byte; TIFF keeps the tags of Exif that are about
the picture, and all else. What a format does not hold is named in a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vaecodec.format.metadata import FIELDS, NAMES

if TYPE_CHECKING:
    from PIL.Image import Image

IN_PNG_CHUNKS = ("code_points", "mastering")


def metadata_options(image: Image, image_format: str) -> dict[str, Any]:
    """Options that make Pillow write the metadata of the image.

    What it does not write is left to the caller in PNG, and named for other formats.
    """
    given = {
        field: image.info[field] for field in FIELDS.values() if field in image.info
    }
    apart = {field: given.pop(field) for field in IN_PNG_CHUNKS if field in given}
    lost = {} if image_format == "PNG" else apart
    options: dict[str, Any] = {}
    try:
        if image_format in WRITERS:
            options = WRITERS[image_format](given)
        else:
            lost |= given
    except ValueError:  # damaged Exif, or XMP that is no text
        given.pop("icc_profile", None)
        lost |= given
    _warn_of(lost, image_format)
    return options


def _png_options(given: dict[str, bytes]) -> dict[str, Any]:
    from PIL.PngImagePlugin import PngInfo

    options: dict[str, Any] = dict(given)
    if xmp := options.pop("xmp", None):
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8"))
    return options


def _tiff_options(given: dict[str, bytes]) -> dict[str, Any]:
    from vaecodec.codec.pictures.tiff_tags import tags_for_tiff

    profile = {key: given[key] for key in ("icc_profile",) if key in given}
    return {**profile, "exif": tags_for_tiff(given.get("exif"), given.get("xmp"))}


WRITERS: dict[str, Callable[[dict[str, bytes]], dict[str, Any]]] = {
    "WEBP": dict,
    "PNG": _png_options,
    "TIFF": _tiff_options,
}


def _warn_of(given: dict[str, bytes], image_format: str) -> None:
    names = [NAMES[letter] for letter, field in FIELDS.items() if field in given]
    if names:
        what = ", ".join(names)
        warnings.warn(f"not kept: {what} ({image_format} cannot hold it)", stacklevel=2)
