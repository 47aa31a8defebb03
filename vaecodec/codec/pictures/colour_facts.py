"""What image files say of their colours, other than an ICC profile.

In: an opened image and the bytes of its file; out: code points, and what is known of
the display that the picture was made on, as `Metadata` holds them. Pillow hands on
neither. Chunks and boxes are looked for by their names, without parsing the files.
PNG (third edition), sections 11.3.2.6 to 11.3.2.8; AVIF is ISO base media (colr of type
nclx, mdcv, clli: ISO/IEC 14496-12 and 23008-12); numbers of ITU-T H.273.
"""

from __future__ import annotations

import struct

from PIL import Image

# Primaries and transfer functions that say sRGB, its equals, or nothing.
_LIKE_SRGB = ((1, 2), (1, 2, 6, 13, 14, 15))
_FULL_RANGE = 1
_HEAD = 1 << 16  # bytes of a file, among which its boxes are

_DISPLAY, _LIGHT = struct.Struct(">8H2I"), struct.Struct(">2I")
_LIGHT_IN_BOX = struct.Struct(">2H")
_PER_CANDELA = 10_000  # units of PNG's chunk cLLI


def code_points_of(image: Image.Image, data: bytes) -> bytes | None:
    """The code points of an image whose colours are not those of sRGB.

    Of AVIF they are those of the RGB samples that are decoded from it.
    """
    if image.format == "PNG":
        found = _after(data, b"\0\0\0\4cICP", 4)
        points = found and bytes([*found[:2], 0, min(found[3], _FULL_RANGE)])
    elif image.format == "AVIF":
        found = _after(data[:_HEAD], b"colrnclx", 4)
        points = found and bytes([found[1], found[3], 0, _FULL_RANGE])
    else:
        return None
    if not points:
        return None
    known = zip(points, _LIKE_SRGB, strict=False)
    if points[3] == _FULL_RANGE and all(point in like for point, like in known):
        return None
    return points


def mastering_of(image: Image.Image, data: bytes) -> bytes | None:
    """Mastering display and content light level of an image; zeros for one of them."""
    if image.format == "PNG":
        display = _after(data, b"\0\0\0\x18mDCV", _DISPLAY.size)
        light = _after(data, b"\0\0\0\x08cLLI", _LIGHT.size)
    elif image.format == "AVIF":
        display = _display_in_box(_after(data[:_HEAD], b"mdcv", _DISPLAY.size))
        light = _light_in_box(_after(data[:_HEAD], b"clli", _LIGHT_IN_BOX.size))
    else:
        return None
    if not display and not light:
        return None
    return (display or bytes(_DISPLAY.size)) + (light or bytes(_LIGHT.size))


def _display_in_box(box: bytes) -> bytes:
    """Primaries are green, blue, red in the box, and red, green, blue in PNG."""
    return box and box[8:12] + box[:8] + box[12:]


def _light_in_box(box: bytes) -> bytes:
    """Whole candelas per square metre in the box."""
    levels = _LIGHT_IN_BOX.unpack(box) if box else ()
    return _LIGHT.pack(*(_PER_CANDELA * level for level in levels)) if levels else b""


def _after(data: bytes, name: bytes, size: int) -> bytes:
    """So many bytes that follow a name; none if they are not there."""
    start = data.find(name) + len(name)
    found = data[start : start + size] if start >= len(name) else b""
    return found if len(found) == size else b""
