"""Metadata of a decompressed image, as Pillow's writers want to be given it.

In: metadata, and the format that it is going to be written in; out: options of
`Image.save`. PNG and WebP keep every byte, AVIF all but those of Exif; TIFF keeps the
tags of Exif that are about the picture, and all else. What a format does not hold is
named in a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from vaecodec.format.metadata import FIELDS, NAMES, Metadata

# What is not metadata to Pillow, and written in another way by those that hold it.
APART = ("code_points", "mastering")
APART_IN = {"PNG": APART, "AVIF": ("code_points",)}


def metadata_options(metadata: Metadata, image_format: str) -> dict[str, Any]:
    """Options that make Pillow write the metadata; of AVIF, what goes into the file.

    What is written in other ways is left to the caller; what is not is named.
    """
    named = {field: getattr(metadata, field) for field in FIELDS.values()}
    given = {field: value for field, value in named.items() if value is not None}
    apart = {field: given.pop(field) for field in APART if field in given}
    lost = {f: v for f, v in apart.items() if f not in APART_IN.get(image_format, ())}
    options: dict[str, Any] = {}
    try:
        if image_format in WRITERS:
            options = WRITERS[image_format](given)
        else:
            lost |= given
    except ValueError:  # damaged Exif, or XMP that is no text
        options = {key: given.pop(key) for key in ("icc_profile",) if key in given}
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


def _avif_options(given: dict[str, bytes]) -> dict[str, Any]:
    from vaecodec.codec.pictures.tiff_tags import tags_for_tiff

    tags_for_tiff(given.get("exif"), None)  # raises what libvips would stumble over
    return given


WRITERS: dict[str, Callable[[dict[str, bytes]], dict[str, Any]]] = {
    "AVIF": _avif_options,
    "WEBP": dict,
    "PNG": _png_options,
    "TIFF": _tiff_options,
}


def _warn_of(given: dict[str, bytes], image_format: str) -> None:
    names = [NAMES[letter] for letter, field in FIELDS.items() if field in given]
    if names:
        what = ", ".join(names)
        warnings.warn(f"not kept: {what} ({image_format} cannot hold it)", stacklevel=2)
