"""What an image file says of its samples and Pillow does not hand on.

In: an image that Pillow opened and has not decoded yet, and the bytes of its file where
they are at hand; out: bits per sample, and a colour description that is no ICC profile.
Pillow decodes to 8 bits where it has no mode for more, and does not say so.

The fields are looked for by their names, without parsing the files: bytes that look
like one by chance make no more than a question too much.
PNG (third edition), JPEG 2000 (ISO/IEC 15444-1 A.5.1), AV1 in ISO base media (av1C),
code points of ITU-T H.273.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

# TIFF tags
_BITS_PER_SAMPLE, _COMPRESSION, _PHOTOMETRIC, _COLOUR_MAP = 258, 259, 262, 320
_PLANAR, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 284, 338, 339


def sample_bits(image: Image.Image, data: bytes = b"") -> int:
    """Bits of a sample in the file, 8 to 16; 8 also for fewer, and where unknown.

    Args:
        image: opened but not loaded: loading forgets how the samples are packed.
        data: bytes of the file.
    """
    if image.format == "AVIF":
        return _av1_bits(data)
    if image.format == "JPEG2000":  # where Pillow scales gray to the whole of 16 bits
        return 16 if image.mode.startswith("I;16") else _jpeg_2000_bits(data)
    if image.mode == "I":  # PNG and PPM have 16 bits, kept in 32; others, any number
        return 16 if image.format in ("PNG", "PPM") else 8
    if isinstance(image, TiffImageFile) and image.mode != "F":
        bits: tuple[int, ...] = image.tag_v2.get(_BITS_PER_SAMPLE, ())
        return max([8, *bits])
    tiles = [_packed_bits(*tile) for tile in getattr(image, "tile", [])]
    return max([16 if image.mode.startswith("I;16") else 8, *tiles])


def application_data(image: Image.Image) -> bytes:
    """What the application segments of an opened JPEG hold, where that is known."""
    return b"".join(data for _, data in getattr(image, "applist", ()))


def is_negative(image: Image.Image) -> bool:
    """Whether white is zero in the file, and Pillow leaves it at that."""
    if isinstance(image, TiffImageFile):  # of 8 bits, these are turned by Pillow
        return image.mode[0] in "IF" and image.tag_v2.get(_PHOTOMETRIC, 0) == 0
    return image.format == "PSD" and image.mode == "1"


def misread_samples(image: Image.Image) -> str:
    """What the samples of a loaded image are, if Pillow takes them for others."""
    if image.format == "FITS" and image.mode == "I;16":
        return "signed samples of 16 bits"
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    bits = max(tags.get(_BITS_PER_SAMPLE, (1,)))
    signed = 2 in tags.get(_SAMPLE_FORMAT, ())
    if bits == 8 and signed:
        return "signed samples of 8 bits"
    if bits == 16 and is_in_planes(image) and tags.get(_COMPRESSION, 1) == 1:
        return "planes of 16 bits, one after the other and uncompressed"
    if image.mode == "I" and bits == 32 and not signed and _lowest(image) < 0:
        return "samples above 2147483647"
    if 0 < max(tags.get(_COLOUR_MAP, (0,))) < 256:
        return "a palette of 8 bits where TIFF has 16"
    return ""


def is_in_planes(image: Image.Image) -> bool:
    """Whether a TIFF file has the channels one after the other."""
    return isinstance(image, TiffImageFile) and image.tag_v2.get(_PLANAR) == 2


def extra_channels(image: Image.Image) -> str:
    """Name of channels that are neither colour nor alpha, or nothing."""
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    return "a channel without a meaning" if 0 in tags.get(_EXTRA_SAMPLES, ()) else ""


def _lowest(image: Image.Image) -> float:
    lowest: float = np.ravel(image.getextrema())[0]
    return lowest


def _packed_bits(codec: str, _: object, __: object, arguments: Any) -> int:
    """Bits of samples, from how Pillow is about to read them."""
    if codec in ("ppm", "ppm_plain"):
        return int(arguments[-1]).bit_length()
    if codec == "SGI16":
        return 16
    # Arguments are a raw mode, numbers, or both. RGB;16B has 16 bits per sample,
    # BGR;16 has 16 bits per pixel.
    return 16 if re.search(";16[BLN]", str(arguments)) else 8


def _av1_bits(data: bytes) -> int:
    flags = data[data.find(b"av1C") :][6:7]
    if not flags or not flags[0] & 0x40:
        return 8
    return 12 if flags[0] & 0x20 else 10


def _jpeg_2000_bits(data: bytes) -> int:
    """From the marker segment SIZ right after the start of the code stream."""
    _, found, size = data.partition(b"\xff\x4f\xff\x51")
    components = int.from_bytes(size[36:38], "big") if found else 0
    depths = size[38 : 38 + 3 * components : 3]
    return max([8, *(1 + (depth & 0x7F) for depth in depths)])
