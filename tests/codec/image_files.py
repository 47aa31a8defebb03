"""Image files for tests: what Pillow writes, and PNG files that it cannot write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def deep_png(samples: NDArray[np.uint16], *others: tuple[bytes, bytes]) -> bytes:
    """A PNG with 16 bits per sample, [H, W, 1..4], and other chunks before the data."""
    height, width, channels = samples.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    chunks = [
        (b"IHDR", header),
        *others,
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(png_chunk(*chunk) for chunk in chunks)


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """The PNG file with these chunks after its header."""
    end = len(SIGNATURE) + 25
    return png[:end] + b"".join(png_chunk(*chunk) for chunk in chunks) + png[end:]


def tiff(entries: Sequence[tuple[int, int, int, bytes]], *, order: str = "<") -> bytes:
    """A TIFF structure of one directory: tag, type, count, 4 bytes of value."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    packed_entries = b"".join(
        struct.pack(order + "HHI", tag, kind, count) + value
        for tag, kind, count, value in entries
    )
    count = struct.pack(order + "IH", 8, len(entries))
    return mark + count + packed_entries + bytes(4)
