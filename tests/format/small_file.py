"""A small file that the tests of the format damage, and ways to build broken ones."""

from __future__ import annotations

import zlib
from dataclasses import replace

from vaecodec.format import ImageHeader, Metadata, pack_file
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.header import pack_fields

HEADER = ImageHeader(
    width=150,
    height=70,
    channels=3,
    quality=50,
    tile_log2=6,
    model_id=bytes(range(0xF0, 0xF8)),
)
PAYLOADS = (b"one", b"", b"three\x00", b"T", b"\xff" * 200, b"6")
FILE = pack_file(HEADER, PAYLOADS)

SIGNATURE = FILE[:8]
HEADER_CHUNK = pack_chunk("H", pack_fields(HEADER))
TILE_CHUNKS = [pack_chunk("T", payload) for payload in PAYLOADS]

FULL_HEADER = replace(HEADER, channels=4)
ALPHAS = (b"", b"alpha", b"", b"", b"A", b"T")
METADATA = Metadata(icc_profile=b"profile", exif=b"Exif\0\0", xmp=bytes(500))
FULL_FILE = pack_file(FULL_HEADER, PAYLOADS, alphas=ALPHAS, metadata=METADATA)


def join(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def chunk_with_length_bytes(letter: bytes, length: bytes, data: bytes) -> bytes:
    """A chunk whose length field is written as given, with a checksum that fits."""
    body = letter + length + data
    return body + zlib.crc32(body).to_bytes(4, "little")
