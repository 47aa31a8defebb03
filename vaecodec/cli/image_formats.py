"""The lossless formats that `decompress` writes, and what each of them can hold.

In: a decoded picture and the suffix of its file; out: the bytes of that file, in which
every sample is as it was decoded. A format that cannot hold them is refused.
"""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaecodec.codec.pictures.picture import Picture

# Pillow's names, and options. AVIF is written by libvips: Pillow's is never lossless.
LOSSLESS_FORMATS: dict[str, tuple[str, dict[str, bool]]] = {
    ".png": ("PNG", {}),
    ".ppm": ("PPM", {}),
    ".pgm": ("PPM", {}),
    ".bmp": ("BMP", {}),
    ".tif": ("TIFF", {}),
    ".tiff": ("TIFF", {}),
    ".webp": ("WEBP", {"lossless": True, "exact": True}),
    ".avif": ("AVIF", {}),
}

# Some write alpha into BMP files, but most readers, Pillow among them, pass over it.
_WITHOUT_ALPHA = (".bmp", ".ppm", ".pgm")


def holds_metadata(suffix: str) -> bool:
    """Whether images with this suffix can hold any."""
    from vaecodec.cli.image_metadata import WRITERS

    return LOSSLESS_FORMATS[suffix][0] in WRITERS


def pack_image(picture: Picture, suffix: str) -> bytes:
    """Return the picture in the lossless format that the suffix names, with metadata.

    Raises:
        FormatError: Its channels are those of no image.
        OSError: The format cannot hold the picture.
    """
    from vaecodec.codec.pictures.picture import check_drawable
    from vaecodec.models.depth import SHALLOW

    check_drawable(picture.listed)
    picture = _as_the_format_has_it(picture, suffix)
    if suffix == ".avif":
        from vaecodec.cli.avif import pack_avif

        return pack_avif(picture)
    return (_pack if picture.depth == SHALLOW else _pack_deep)(picture, suffix)


def _as_the_format_has_it(picture: Picture, suffix: str) -> Picture:
    """The same samples with other channels, if the format needs them."""
    import numpy as np

    from vaecodec.models.depth import greatest

    planes = np.atleast_3d(picture.samples)
    channels = planes.shape[2]
    if channels in (2, 4) and suffix in _WITHOUT_ALPHA:
        if planes[:, :, -1].min() < greatest(picture.depth):
            raise OSError(f"{suffix} cannot hold alpha (.png, .tiff and .webp can)")
        planes = planes[:, :, :-1]
    if suffix == ".pgm" and channels > 2:
        raise OSError(f"{suffix} cannot hold colours (.ppm can)")
    if suffix == ".ppm" and channels < 3:
        planes = planes.repeat(3, axis=2)
    samples = planes[:, :, 0] if planes.shape[2] == 1 else planes
    return dataclasses.replace(picture, samples=samples)


def _pack(picture: Picture, suffix: str) -> bytes:
    from vaecodec.cli.image_metadata import metadata_options
    from vaecodec.cli.png_chunks import with_colour_chunks
    from vaecodec.codec.pictures.picture import to_image

    name, options = LOSSLESS_FORMATS[suffix]
    stream = io.BytesIO()
    options = {**options, **metadata_options(picture.metadata, name)}
    try:
        to_image(picture).save(stream, format=name, **options)
    except (ValueError, KeyError, OSError) as error:
        raise OSError(f"Pillow cannot write this image as {name}: {error}") from error
    packed = stream.getvalue()
    return with_colour_chunks(packed, picture.metadata) if name == "PNG" else packed


def _pack_deep(picture: Picture, suffix: str) -> bytes:
    from vaecodec.cli.deep_formats import pack_png, pack_ppm
    from vaecodec.cli.deep_tiff import pack_tiff

    writers = {"PNG": pack_png, "PPM": pack_ppm, "TIFF": pack_tiff}
    name, _ = LOSSLESS_FORMATS[suffix]
    if name not in writers:
        raise OSError(
            f"{suffix} cannot hold {picture.depth} bits (.png, .tiff and .ppm can)"
        )
    return writers[name](picture)
