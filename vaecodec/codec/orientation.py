"""Orientation: cameras store the pixels as the sensor read them, and say how to turn.

In: the Exif and XMP of an image and its samples; out: samples that stand upright and
metadata that says so, with no other byte changed. A decoder then has nothing to turn,
and none can turn twice. Serialising Exif anew would be simpler, but loses maker notes
whose offsets count from places of their own.
Exif 3.0, section 4.6.5, tag 0x0112; in XMP it is `tiff:Orientation`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vaecodec.format.metadata import Metadata

UPRIGHT = 1

_TAG = 0x0112
_EXIF_PREFIX = b"Exif\0\0"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_VALUE_FORMATS = {3: "H", 4: "I"}  # SHORT, as the standard has it, and LONG
_IN_XMP = re.compile(rb"""(tiff:Orientation\s*(?:=\s*["']|>)\s*)([1-8])(?=\s*["'<])""")


def orientation_of(metadata: Metadata) -> int:
    """What Exif says, or else XMP: 1 (upright) to 8, as in Exif; 1 if nothing does."""
    exif = metadata.exif or b""
    if place := _find_in_exif(exif):
        value: int = struct.unpack_from(place[1], exif, place[0])[0]
        return value if 1 <= value <= 8 else UPRIGHT
    found = _IN_XMP.search(metadata.xmp or b"")
    return int(found[2]) if found else UPRIGHT


def with_upright(metadata: Metadata) -> Metadata:
    """The same metadata, saying wherever it speaks of it that the image is upright."""
    exif, xmp = metadata.exif, metadata.xmp
    if exif is not None and (place := _find_in_exif(exif)):
        changed = bytearray(exif)
        struct.pack_into(place[1], changed, place[0], UPRIGHT)
        exif = bytes(changed)
    if xmp is not None:
        xmp = _IN_XMP.sub(rb"\g<1>%d" % UPRIGHT, xmp)
    return replace(metadata, exif=exif, xmp=xmp)


def turned_upright(samples: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """View of samples [H, W] or [H, W, C], stored in an orientation, as they look."""
    rows, columns = samples[::-1], samples[:, ::-1]
    both = rows[:, ::-1]
    seen = {1: samples, 2: columns, 3: both, 4: rows}
    swapped = {5: samples, 6: rows, 7: both, 8: columns}
    if orientation in seen:
        return seen[orientation]
    return swapped[orientation].swapaxes(0, 1)


def _find_in_exif(exif: bytes) -> tuple[int, str] | None:
    """Position and struct format of the value in the first directory."""
    start = len(_EXIF_PREFIX) if exif.startswith(_EXIF_PREFIX) else 0
    order = _BYTE_ORDERS.get(exif[start : start + 4])
    if order is None or len(exif) < start + 8:
        return None
    entry = start + struct.unpack_from(order + "I", exif, start + 4)[0] + 2
    if entry > len(exif):
        return None
    for position in range(entry, len(exif) - 11, 12)[: _count(exif, entry, order)]:
        tag, kind, count = struct.unpack_from(order + "HHI", exif, position)
        if tag == _TAG and count == 1 and kind in _VALUE_FORMATS:
            return position + 8, order + _VALUE_FORMATS[kind]
    return None


def _count(exif: bytes, entry: int, order: str) -> int:
    count: int = struct.unpack_from(order + "H", exif, entry - 2)[0]
    return count
