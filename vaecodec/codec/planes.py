"""What users hand in <-> uint8 arrays, with nothing lost in silence.

In: a path, the bytes of an image file, a PIL image or an array; out: uint8 [H, W, 3]
(RGB), [H, W] (gray) or either with alpha, and back to a PIL image. What the codec
cannot keep is refused with an `ImageError`, or, for metadata, named in a warning.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from vaecodec.errors import ImageError
from vaecodec.format.container import MAX_PIXELS
from vaecodec.format.header import MAX_SIDE

Source = str | os.PathLike[str] | bytes | Image.Image | NDArray[np.uint8]

ORIENTATION = 0x0112  # Exif tag
METADATA = {"exif": "Exif", "icc_profile": "ICC profile", "xmp": "XMP"}


def to_planes(source: Source) -> NDArray[np.uint8]:
    """Read any source.

    Raises:
        ImageError: The source is no image, or of a kind that cannot be kept.
        OSError: A path cannot be read.
    """
    if isinstance(source, np.ndarray):
        return check_planes(source)
    if isinstance(source, Image.Image):
        planes, left_out = _from_pillow(source)
    else:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        planes, left_out = _from_bytes(data)
    if left_out:
        what = ", ".join(left_out)
        warnings.warn(f"metadata is not stored yet: {what} left out", stacklevel=3)
    return check_planes(planes)


def to_image(planes: NDArray[np.uint8]) -> Image.Image:
    """Inverse of `to_planes`: a PIL image of mode RGB or L."""
    return Image.fromarray(planes)


def check_planes(planes: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the array if it is one that the codec keeps.

    Raises:
        ImageError: Not uint8, not [H, W] or [H, W, 2..4], empty, or too large.
    """
    if planes.dtype != np.uint8:
        raise ImageError(f"samples are {planes.dtype}, only uint8 is supported")
    if planes.ndim != 2 and (planes.ndim != 3 or planes.shape[2] not in (2, 3, 4)):
        raise ImageError(
            f"array of shape {list(planes.shape)}, expected [H, W] or [H, W, 2..4]"
        )
    height, width = planes.shape[:2]
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise ImageError(f"{width} x {height} pixels, each side must be 1..{MAX_SIDE}")
    if height * width > MAX_PIXELS:
        raise ImageError(f"{height * width} pixels, at most {MAX_PIXELS} are supported")
    return planes


@contextlib.contextmanager
def _image_errors() -> Iterator[None]:
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        reason = str(error).partition(" <_io")[0] or type(error).__name__
        raise ImageError(f"not a readable image: {reason}") from error


@_image_errors()
def _from_bytes(data: bytes) -> tuple[NDArray[np.uint8], list[str]]:
    with Image.open(io.BytesIO(data)) as image:
        return _from_pillow(image)


@_image_errors()
def _from_pillow(image: Image.Image) -> tuple[NDArray[np.uint8], list[str]]:
    """The samples, and names for what is not kept."""
    _refuse_what_would_be_lost(image)
    left_out = [name for key, name in METADATA.items() if image.info.get(key)]
    if image.format == "MPO":
        left_out.append("the further pictures of a multi-picture JPEG")
    if image.getexif().get(ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
        left_out.append("the orientation (applied to the pixels)")
    return np.asarray(image), left_out


def _refuse_what_would_be_lost(image: Image.Image) -> None:
    if image.mode not in ("RGB", "L"):
        raise ImageError(
            f"mode {image.mode} is not supported yet, only 8-bit RGB and gray (L)"
        )
    if "transparency" in image.info:
        raise ImageError("transparency is not supported yet")
    # Phones append depth maps or previews to a JPEG; the picture is the first.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise ImageError("more than one frame, only still images are supported")
    if any(_has_16_bits(*tile) for tile in getattr(image, "tile", [])):
        raise ImageError("16-bit samples are not supported yet, only 8-bit")


def _has_16_bits(codec: str, _: object, __: object, arguments: Any) -> bool:
    """Whether Pillow reads 16-bit samples as if they had 8: only its decoder tells."""
    if codec in ("ppm", "ppm_plain"):
        return int(arguments[-1]) > 255
    text = str(arguments)  # a raw mode, numbers, or both
    # BGR;16 has 16 bits per pixel, RGB;16B 16 per sample.
    return codec == "SGI16" or ("RGB" in text and ";16" in text)
