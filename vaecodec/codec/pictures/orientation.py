"""Orientation: cameras store the pixels as the sensor read them, and say how to turn.

In: the Exif and XMP of an image and its samples; out: samples that stand upright and
metadata that says so, with no other byte changed. A decoder then has nothing to turn,
and none can turn twice. Whether there is an orientation is asked of Pillow, so that
odd Exif means here what it means there. Serialising Exif anew would be simpler than
changing it, but loses maker notes whose offsets count from places of their own.
Exif 3.0, section 4.6.5, tag 0x0112; in XMP it is `tiff:Orientation`.
"""

from __future__ import annotations

import contextlib
import re
import struct
import warnings
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image

from vaecodec.format.metadata import Metadata
from vaecodec.models.depth import Samples

UPRIGHT = 1

ORIENTATION = 0x0112
_SHORT, _LONG = 3, 4
_PREFIXES = re.compile(rb"(?:Exif\0\0)*")
# The second one of each is wrong, and read by Pillow.
_BYTE_ORDERS = {b"II*\0": "<", b"II\0*": "<", b"MM\0*": ">", b"MM*\0": ">"}
_IN_XMP = re.compile(rb"""(tiff:Orientation\s*(?:=\s*["']|>)\s*)[0-9](?=\s*["'<])""")


def orientation_of(metadata: Metadata) -> int | None:
    """What Pillow reads in Exif, or else in XMP: 1 (upright) to 8, None for nothing."""
    image = Image.new("1", (1, 1))
    given = {"exif": metadata.exif, "xmp": metadata.xmp}
    image.info = {name: value for name, value in given.items() if value}
    # Damaged Exif is a reason neither to fail nor to speak of it here.
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        value = image.getexif().get(ORIENTATION, 0)
        return int(value) if value in range(1, 9) else None
    return None


def with_upright(metadata: Metadata) -> Metadata:
    """The same metadata, saying wherever it speaks of it that the image is upright."""
    exif, xmp = metadata.exif, metadata.xmp
    if exif is not None:
        changed = bytearray(exif)
        for place, order in _entries_in_exif(exif):
            _say_upright(changed, place, order)
        exif = bytes(changed)
    if xmp is not None:
        xmp = _IN_XMP.sub(rb"\g<1>%d" % UPRIGHT, xmp)
    return replace(metadata, exif=exif, xmp=xmp)


def turned_upright(samples: Samples, orientation: int) -> Samples:
    """View of samples [H, W] or [H, W, C], stored in an orientation, as they look."""
    rows, columns = samples[::-1], samples[:, ::-1]
    both = rows[:, ::-1]
    seen = {1: samples, 2: columns, 3: both, 4: rows}
    swapped = {5: samples, 6: rows, 7: both, 8: columns}
    if orientation in seen:
        return seen[orientation]
    return swapped[orientation].swapaxes(0, 1)


def _say_upright(exif: bytearray, place: int, order: str) -> None:
    """Change an entry; more than its value only if it is none as it should be."""
    kind, count = struct.unpack_from(order + "HI", exif, place + 2)
    if count != 1 or kind not in (_SHORT, _LONG):
        struct.pack_into(order + "HII", exif, place + 2, _SHORT, 1, 0)
        kind = _SHORT
    value = "H" if kind == _SHORT else "I"
    struct.pack_into(order + value, exif, place + 8, UPRIGHT)


def _entries_in_exif(exif: bytes) -> Iterator[tuple[int, str]]:
    """Positions of the entries of the first directory that are orientations.

    With each comes its byte order.
    """
    prefix = _PREFIXES.match(exif)
    start = prefix.end() if prefix else 0
    order = _BYTE_ORDERS.get(exif[start : start + 4])
    if order is None or len(exif) < start + 8:
        return
    first = start + struct.unpack_from(order + "I", exif, start + 4)[0] + 2
    if first > len(exif):
        return
    count: int = struct.unpack_from(order + "H", exif, first - 2)[0]
    for place in range(first, len(exif) - 11, 12)[:count]:
        if struct.unpack_from(order + "H", exif, place)[0] == ORIENTATION:
            yield place, order
