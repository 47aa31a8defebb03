"""Exif and TIFF: the same tags, but in a TIFF file most of them are about the file.

In: the tags of a TIFF file, or of Exif that is to go into one; out: Exif with those
that are about the picture. The others say where the samples are and how many, or, in
Exif, how large the picture was before it was cut: true in one file, wrong in the next.
"""

from __future__ import annotations

import struct
from typing import Any

from PIL import ExifTags, Image

from vaecodec.codec.pictures.orientation import (
    ORIENTATION,
    UPRIGHT,
    orientation_of,
)
from vaecodec.format.metadata import Metadata

XMP = 700

_ABOUT_THE_PICTURE = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
)
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_DAMAGED = (TypeError, LookupError, ArithmeticError, SyntaxError, struct.error)


def exif_about_the_picture(tags: Image.Exif) -> bytes | None:
    """Exif with the tags that are about the picture, None if there are none.

    Raises:
        ValueError: The tags are damaged.
    """
    chosen = Image.Exif()
    try:
        chosen.update(_tags_about_the_picture(tags))
        return chosen.tobytes() if len(chosen) else None
    except _DAMAGED as error:
        raise ValueError(f"damaged Exif: {error}") from error


def is_about_the_picture(tags: Image.Exif) -> bool:
    """Whether any of the tags is."""
    return any(tag in tags for tag in (*_ABOUT_THE_PICTURE, *_DIRECTORIES))


def tags_for_tiff(exif: bytes | None, xmp: bytes | None) -> Image.Exif:
    """The tags with which Pillow saves a TIFF file.

    Raises:
        ValueError: The Exif is damaged.
    """
    tags, given = Image.Exif(), Image.Exif()
    try:
        given.load(exif or b"")
    except _DAMAGED as error:
        raise ValueError(f"damaged Exif: {error}") from error
    if chosen := exif_about_the_picture(given):
        tags.load(chosen)
    # Here the tag means what Exif and XMP mean together, whichever of them says it.
    tags[ORIENTATION] = orientation_of(Metadata(exif=exif, xmp=xmp)) or UPRIGHT
    if xmp is not None:
        tags[XMP] = xmp
    return tags


def _tags_about_the_picture(tags: Image.Exif) -> dict[int, Any]:
    """Some of the tags by number, directories as dictionaries."""
    chosen: dict[int, Any] = {
        tag: tags[tag] for tag in _ABOUT_THE_PICTURE if tag in tags
    }
    directories = {ifd: dict(tags.get_ifd(ifd)) for ifd in _DIRECTORIES}
    return chosen | {ifd: entries for ifd, entries in directories.items() if entries}
