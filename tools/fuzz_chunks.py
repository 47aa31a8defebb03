"""A `.vaec` file as a list of chunks, which may be changed and put together again.

In: a valid file; out: type and data of its chunks, and back, with checksums that fit.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

from tools.fuzz_bytes import Damage
from vaecodec.format.beginning import SIGNATURE
from vaecodec.format.chunks import pack_varint, parse_chunk, parse_varint

Chunks = list[tuple[str, bytes]]
Mutation = Callable[[Chunks, Chunks, Random], bytes]


def split(file: bytes) -> Chunks:
    """Type and data of all chunks of a valid file."""
    chunks, position = [], len(SIGNATURE)
    while position < len(file):
        chunk = parse_chunk(file, position)
        chunks.append((chunk.type, chunk.data))
        position = chunk.end
    return chunks


def sealed(chunks: Chunks) -> bytes:
    """A file of these chunks, with checksums that fit."""
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(letter: str, data: bytes) -> bytes:
    return with_checksum(letter, pack_varint(len(data)) + data)


def with_checksum(letter: str, rest: bytes) -> bytes:
    body = letter.encode("latin-1") + rest
    return body + struct.pack("<I", zlib.crc32(body))


def header_fields(data: bytes) -> list[bytes]:
    """Width, height, samples, quality, tiling, stream id and painter id."""
    _, height = parse_varint(data, 0, name="width")
    _, rest = parse_varint(data, height, name="height")
    three = [data[rest + place : rest + place + 1] for place in range(3)]
    ids = data[rest + 3 : rest + 11], data[rest + 11 :]
    return [data[:height], data[height:rest], *three, *ids]


def first_tile(chunks: Chunks) -> int:
    """Which chunk is the first one of a tile."""
    return next(place for place, (kind, _) in enumerate(chunks) if kind in "ATL")


def changed(kind: str, chunks: Chunks, rng: Random, change: Damage) -> bytes:
    """Change the data of one chunk of this kind; without any, of any chunk."""
    of_kind = [place for place, (letter, _) in enumerate(chunks) if letter == kind]
    place = rng.choice(of_kind or range(len(chunks)))
    letter, data = chunks[place]
    chunks[place] = letter, change(data, rng)
    return sealed(chunks)
