"""What a picture says beside its samples: what is kept of it, and what is not.

In: a loaded PIL image; out: `Metadata`, each byte as it stood in the file, and names
for what has no place there.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from vaecodec.codec.pictures.colour_facts import code_points_of, mastering_of
from vaecodec.codec.pictures.orientation import UPRIGHT, orientation_of
from vaecodec.codec.pictures.tiff_tags import (
    XMP,
    exif_about_the_picture,
    is_about_the_picture,
)
from vaecodec.errors import ImageError
from vaecodec.format.metadata import FIELDS, MAX_METADATA_BYTES, NAMES, Metadata

# Ways in which PNG files have carried Exif and XMP before Pillow's own names.
_RAW_EXIF = "Raw profile type exif"
_OLD_XMP = "XML:com.adobe.xmp"
_EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/"

_SRGB_GAMMA = 1 / 2.2
_SRGB_CHROMATICITIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_USUAL_DPI = (0, 1, 72, 96)


def metadata_of(image: Image.Image, data: bytes) -> Metadata:
    """What the image, and the bytes of its file, have of all that a file can hold."""
    info = image.info
    exif = _as_bytes(info.get("exif")) or _unusual_exif(image)
    # Pillow cuts the orientation out of the XMP of a TIFF file, but not out of the tag.
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    found = (tags.get(XMP), info.get("xmp"), info.get(_OLD_XMP))
    xmp = next(filter(None, map(_as_bytes, found)), None)
    return Metadata(
        icc_profile=_as_bytes(info.get("icc_profile")),
        exif=exif,
        xmp=xmp,
        code_points=_as_bytes(info.get("code_points")) or code_points_of(image, data),
        mastering=_as_bytes(info.get("mastering")) or mastering_of(image, data),
    )


def stored_orientation(image: Image.Image, metadata: Metadata) -> int | None:
    """How the samples of the image lie, 1 to 8 as in Exif; None if nothing says it."""
    if image.format == "TIFF":
        return UPRIGHT  # Pillow turns these when it loads them
    return orientation_of(metadata)


def check_metadata(metadata: Metadata) -> Metadata:
    """Return the metadata if a file can hold as much.

    Raises:
        ImageError: It cannot; says what is too long.
    """
    for letter, field in FIELDS.items():
        length = len(getattr(metadata, field) or b"")
        if length > MAX_METADATA_BYTES:
            raise ImageError(
                f"{NAMES[letter]} of {length} bytes, at most {MAX_METADATA_BYTES} "
                "can be kept; metadata=False leaves it out"
            )
    return metadata


def metadata_left_out(image: Image.Image, kept: Metadata) -> Iterator[str]:
    """Name what has no place in `Metadata`."""
    info = image.info
    if texts := sorted(set(getattr(image, "text", {})) - {_OLD_XMP, _RAW_EXIF}):
        more = f" and {len(texts) - 2} more" if len(texts) > 2 else ""
        yield f"the text {', '.join(texts[:2])}{more}"
    elif info.get("comment"):
        yield "the comment"
    if _is_damaged(image, kept.exif):
        yield "damaged Exif"
    if info.get("photoshop"):
        yield "Photoshop's and IPTC data"
    if any(data.startswith(_EXTENDED_XMP) for _, data in getattr(image, "applist", ())):
        yield "extended XMP"
    dots = float(info.get("dpi", (0, 0))[0])
    if kept.exif is None and math.isfinite(dots) and round(dots) not in _USUAL_DPI:
        yield f"the resolution of {round(dots)} dpi"


def colours_left_out(image: Image.Image, kept: Metadata) -> Iterator[str]:
    """Name what describes the colours and is not sRGB, unless more is kept of them."""
    info = image.info
    if kept.icc_profile or kept.code_points or "srgb" in info:
        return
    gamma = info.get("gamma", _SRGB_GAMMA)
    if not math.isclose(gamma, _SRGB_GAMMA, rel_tol=0.02):
        yield f"the gamma of {gamma:g}"
    chromaticities = info.get("chromaticity", _SRGB_CHROMATICITIES)
    pairs = zip(chromaticities, _SRGB_CHROMATICITIES, strict=False)
    if any(abs(one - other) > 0.002 for one, other in pairs):
        yield "the chromaticities of its colours"


def _as_bytes(value: Any) -> bytes | None:
    if isinstance(value, str):
        value = value.encode("utf-8")
    return value if isinstance(value, bytes) and value else None


def _unusual_exif(image: Image.Image) -> bytes | None:
    """Exif that Pillow does not hand out as bytes; None also if it is damaged."""
    with contextlib.suppress(ValueError):
        if _RAW_EXIF in image.info:
            return bytes.fromhex("".join(image.info[_RAW_EXIF].split("\n")[3:]))
        if image.format == "TIFF":
            return exif_about_the_picture(image.getexif())
    return None


def _is_damaged(image: Image.Image, exif: bytes | None) -> bool:
    """Whether there was unusual Exif, but none could be had."""
    if exif is not None:
        return False
    tiff = image.format == "TIFF" and is_about_the_picture(image.getexif())
    return tiff or _RAW_EXIF in image.info
