"""The lossless formats that `decompress` writes, and what each of them can hold.

In: a decoded image and the suffix of its file; out: the bytes of that file, in which
every sample is as it was decoded. A format that cannot hold them is refused.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Pillow's names, and options.
LOSSLESS_FORMATS: dict[str, tuple[str, dict[str, bool]]] = {
    ".png": ("PNG", {}),
    ".ppm": ("PPM", {}),
    ".pgm": ("PPM", {}),
    ".bmp": ("BMP", {}),
    ".tif": ("TIFF", {}),
    ".tiff": ("TIFF", {}),
    ".webp": ("WEBP", {"lossless": True, "exact": True}),
}

# Some write alpha into BMP files, but most readers, Pillow among them, pass over it.
_WITHOUT_ALPHA = (".bmp", ".ppm", ".pgm")
_OPAQUE = (255, 255)


def pack_image(image: Image, suffix: str) -> bytes:
    """Return the image in the lossless format that the suffix names, with metadata.

    Raises:
        OSError: The format cannot hold the image.
    """
    from vaecodec.cli.image_metadata import metadata_options

    name, options = LOSSLESS_FORMATS[suffix]
    image = _as_the_format_has_it(image, suffix)
    stream = io.BytesIO()
    try:
        image.save(stream, format=name, **options, **metadata_options(image, name))
    except (ValueError, KeyError, OSError) as error:
        raise OSError(f"Pillow cannot write this image as {name}: {error}") from error
    return stream.getvalue()


def _as_the_format_has_it(image: Image, suffix: str) -> Image:
    """The same samples in another mode, if the format needs one."""
    if "A" in image.mode and suffix in _WITHOUT_ALPHA:
        if image.getchannel("A").getextrema() != _OPAQUE:
            raise OSError(f"{suffix} cannot hold alpha (.png, .tiff and .webp can)")
        image = image.convert(image.mode.removesuffix("A"))
    if suffix == ".pgm" and image.mode != "L":
        raise OSError(f"{suffix} cannot hold colours (.ppm can)")
    return image.convert("RGB") if suffix == ".ppm" else image
