"""8-bit samples of one tile <-> a WebP file without loss.

In: gray or RGB, with or without alpha; out: the simplest WebP file, whose colours under
alpha 0 are kept as well, and back. Gray is stored as equal red, green and blue, which
takes no more bytes: WebP codes red and blue as differences from green.

A WebP file out of a `.vaec` file is hostile until it is known to be of this kind and
size; only then is it given to Pillow. Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image, WebPImagePlugin

from vaecodec.errors import FormatError
from vaecodec.models.depth import Samples

OPTIONS = {"lossless": True, "exact": True, "method": 4}

_HEADER = struct.Struct("<4sI4s4sIBI")
_SIGNATURE = 0x2F
_ALPHA_BIT = 1 << 28


def encode_webp(samples: Samples) -> bytes:
    """Write samples, [h, w] or [h, w, 2..4], neither side above 16383."""
    stream = io.BytesIO()
    Image.fromarray(_with_colours(samples)).save(stream, "WEBP", **OPTIONS)
    return stream.getvalue()


def decode_webp(data: bytes, shape: tuple[int, ...]) -> Samples:
    """Inverse of `encode_webp`: uint8 of this shape, [h, w] or [h, w, 2..4].

    Raises:
        FormatError: The data is no WebP file of this size and of the one kind that is
            allowed, or is damaged.
    """
    has_alpha = len(shape) == 3 and shape[2] in (2, 4)
    _check_header(data, shape, may_have_alpha=has_alpha)
    try:
        # Not Image.open, whose limit on pixels is about files from nowhere.
        with WebPImagePlugin.WebPImageFile(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        raise FormatError(f"lossless tile: WebP file is damaged: {error}") from error
    return _without_colours(pixels, shape)


def _with_colours(samples: Samples) -> Samples:
    """Gray as RGB."""
    gray = samples if samples.ndim == 2 else samples[:, :, 0]
    if samples.ndim == 3 and samples.shape[2] >= 3:
        return samples
    alpha = [] if samples.ndim == 2 else [samples[:, :, 1]]
    return np.dstack([gray, gray, gray, *alpha])


def _without_colours(pixels: Samples, shape: tuple[int, ...]) -> Samples:
    """Inverse of `_with_colours`; refuses a gray tile that has colours."""
    if len(shape) == 3 and shape[2] >= 3:
        return pixels
    gray = pixels[:, :, 0]
    if not all((gray == pixels[:, :, channel]).all() for channel in (1, 2)):
        raise FormatError("lossless tile: a gray image with colours")
    return gray if len(shape) == 2 else pixels[:, :, [0, 3]]


def _check_header(data: bytes, shape: tuple[int, ...], *, may_have_alpha: bool) -> None:
    """Refuse all but a file of one chunk VP8L, of this size."""
    if len(data) < _HEADER.size:
        raise FormatError(f"lossless tile: a WebP file of {len(data)} bytes")
    riff, size, webp, kind, length, signature, bits = _HEADER.unpack_from(data)
    names = riff, webp, kind, signature
    if names != (b"RIFF", b"WEBP", b"VP8L", _SIGNATURE):
        raise FormatError("lossless tile is no simple lossless WebP file")
    if size != len(data) - 8 or length + length % 2 != size - 12:
        raise FormatError("lossless tile: a WebP file with more or less than one chunk")
    width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if (height, width) != shape[:2]:
        raise FormatError(
            f"lossless tile: WebP file of {width} x {height} pixels, "
            f"not {shape[1]} x {shape[0]}"
        )
    if bits & _ALPHA_BIT and not may_have_alpha:
        raise FormatError("lossless tile: WebP file with alpha, the image has none")
