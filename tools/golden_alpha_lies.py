"""Data of A chunks that no reader may take, and a part of the message about each.

PNG files, nearly; all but those that are cut or damaged are right in themselves.
See FORMAT.md, section 4.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 64  # pixels of the tile


def wrong_alphas() -> dict[str, tuple[bytes, str]]:
    """For a tile of SIDE x SIDE pixels."""
    good = png(np.zeros((SIDE, SIDE), np.uint8))
    rows = bytes(SIDE * (SIDE + 1))
    return {
        "no-png": (b"alpha", "not a PNG file"),
        "another-size": (png(np.zeros((SIDE, SIDE - 1), np.uint8)), "no 8-bit gray"),
        "16-bit": (png(np.zeros((SIDE, SIDE), np.uint16)), "no 8-bit gray"),
        "rgb": (png(np.zeros((SIDE, SIDE, 3), np.uint8)), "no 8-bit gray"),
        "interlaced": (png_of(rows, interlace=1), "no 8-bit gray"),
        "checksum": (good[:-1] + b"\0", "cut off or damaged"),
        "cut": (good[:-5], "cut off or damaged"),
        "no-end": (good[:-12], "other chunks than"),
        "goes-on": (good + good[8:], "other chunks than"),
        "with-text": (
            good[:33] + png_chunk(b"tEXt", b"a\0b") + good[33:],
            "other chunks than",
        ),
        "row-missing": (png_of(rows[: -SIDE - 1]), "does not hold 4160 bytes"),
        "row-too-many": (png_of(rows + rows[: SIDE + 1]), "does not hold 4160 bytes"),
        "bomb": (png_of(bytes(2**20)), "does not hold 4160 bytes"),
        "filter-5": (png_of(b"\5" + rows[1:]), "unknown filter"),
        "not-deflated": (png_of(b"", deflated=b"deflate"), "not deflated"),
    }


def png(samples: NDArray[np.integer[Any]]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(samples).save(stream, "PNG")
    return stream.getvalue()


def png_of(rows: bytes, *, interlace: int = 0, deflated: bytes | None = None) -> bytes:
    """A gray PNG file of a tile's size with these bytes as rows."""
    header = struct.pack(">2I5B", SIDE, SIDE, 8, 0, 0, 0, interlace)
    data = zlib.compress(rows, 9) if deflated is None else deflated
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
