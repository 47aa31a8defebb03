"""The chunks of a PNG file: taken apart, and those that Pillow does not write.

PNG (third edition), sections 5.3, 11.3.2.6 (cICP), 11.3.2.7 (mDCV), 11.3.2.8 (cLLI).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from vaecodec.format.metadata import Metadata

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DISPLAY_BYTES = 24  # of mastering data; the rest is the content light level


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk."""
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def split_png(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a valid PNG file: the type of each, and all of its bytes."""
    position = len(SIGNATURE)
    while position < len(png):
        length = int.from_bytes(png[position : position + 4], "big")
        end = position + 12 + length
        yield png[position + 4 : position + 8], png[position:end]
        position = end


def colour_chunks(metadata: Metadata) -> bytes:
    """What says which colours the samples mean, beside an ICC profile."""
    chunks = []
    if metadata.code_points:
        chunks.append(png_chunk(b"cICP", metadata.code_points))
    if mastering := metadata.mastering:
        parts = mastering[:_DISPLAY_BYTES], mastering[_DISPLAY_BYTES:]
        for kind, part in zip((b"mDCV", b"cLLI"), parts, strict=True):
            if any(part):
                chunks.append(png_chunk(kind, part))
    return b"".join(chunks)


def with_colour_chunks(png: bytes, metadata: Metadata) -> bytes:
    """A PNG file with these chunks, which must stand before palette and samples."""
    _, header = next(split_png(png))
    end = len(SIGNATURE) + len(header)
    return png[:end] + colour_chunks(metadata) + png[end:]
