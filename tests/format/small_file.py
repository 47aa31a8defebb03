"""Small files that the tests of the format damage, and ways to build broken ones.

`FILE` is fused and has nothing but its samples, `FULL_FILE` has two rounds and all that
may stand beside them.
"""

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
    rounds=1,
    stream_id=bytes(range(0xF0, 0xF8)),
    painter_id=b"\xe0\xe1\xe2\xe3",
)
FIRST_ROUND = (b"one", b"", b"three\x00", b"T", b"\xff" * 130, b"6")
SECOND_ROUND = (b"un", b"deux", b"A", b"four", b"five", b"six")
PAYLOADS = tuple((payload,) for payload in FIRST_ROUND)
FILE = pack_file(HEADER, PAYLOADS)

SIGNATURE = FILE[:8]
HEADER_CHUNK = pack_chunk("H", pack_fields(HEADER))
TILE_CHUNKS = [pack_chunk("T", payload) for payload in FIRST_ROUND]

FULL_HEADER = replace(HEADER, channels=4, rounds=2)
FULL_PAYLOADS = tuple(zip(FIRST_ROUND, SECOND_ROUND, strict=True))
ALPHAS = (b"", b"alpha", b"", b"", b"A", b"T")
METADATA = Metadata(icc_profile=b"profile", exif=b"Exif\0\0", xmp=bytes(500))
QUALITY_MAP = bytes([50, 80, 80, 50, 0, 100])  # 2 x 3 cells
FULL_FILE = pack_file(
    FULL_HEADER,
    FULL_PAYLOADS,
    alphas=ALPHAS,
    metadata=METADATA,
    quality_map=QUALITY_MAP,
)


def join(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def chunk_with_length_bytes(letter: bytes, length: bytes, data: bytes) -> bytes:
    """A chunk whose length field is written as given, with a checksum that fits."""
    body = letter + length + data
    return body + zlib.crc32(body).to_bytes(4, "little")
