"""Mutations of `.vaec` files: of their bytes, of their chunks, and of what those say.

In: valid files and a number. Out: one file that may lie about anything, and what was
done to it. Damage that a checksum would find at once ends a reader's work at once; so
most mutations lie first and make the checksums afterwards.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from tools import fuzz_bytes
from tools.fuzz_bytes import damaged
from vaecodec.format.chunks import pack_varint, parse_chunk, parse_varint
from vaecodec.format.metadata import MAX_METADATA_BYTES

SIGNATURE = b"\x8bVAEC\r\n\x01"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIDES = (0, 1, 2, 15, 16, 17, 63, 64, 65, 128, 1024, 4096, 16384, 65536)
SIDES_LIMITS = (2**20 - 1, 2**20, 2**20 + 1, 2**28, 2**31 - 1)
LETTERS = "HTAIexzQ"
MOST_TILES = 300  # that a mutation adds

Chunks = list[tuple[str, bytes]]
Mutation = Callable[[Chunks, Chunks, Random], bytes]


def mutated(files: Sequence[bytes], *, seed: int, number: int) -> tuple[str, bytes]:
    """The name of a mutation and its result: the same for the same arguments."""
    rng = Random(f"{seed}/{number}")
    one, other = rng.choice(files), rng.choice(files)
    if rng.random() < 0.25:
        damage = rng.choice((*fuzz_bytes.DAMAGES, _splice_with(other)))
        return f"bytes: {damage.__name__}", damage(one, rng)
    mutation = rng.choice(MUTATIONS)
    return mutation.__name__, mutation(split(one), split(other), rng)


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


def swap_chunks(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    one, other = rng.randrange(len(chunks)), rng.randrange(len(chunks))
    chunks[one], chunks[other] = chunks[other], chunks[one]
    return sealed(chunks)


def repeat_chunk(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    chunks.insert(rng.randrange(len(chunks) + 1), rng.choice(chunks))
    return sealed(chunks)


def drop_chunk(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    del chunks[rng.randrange(len(chunks))]
    return sealed(chunks)


def foreign_chunk(chunks: Chunks, others: Chunks, rng: Random) -> bytes:
    place = rng.randrange(len(chunks))
    chunks[place : place + rng.randrange(2)] = [rng.choice(others)]
    return sealed(chunks)


def foreign_header(chunks: Chunks, others: Chunks, _: Random) -> bytes:
    return sealed([others[0], *chunks[1:]])


def unknown_chunk(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    added = rng.choice(LETTERS), rng.randbytes(rng.randrange(20))
    chunks.insert(rng.randrange(len(chunks) + 1), added)
    return sealed(chunks)


def other_type(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    place = rng.randrange(len(chunks))
    letter = rng.choice((rng.choice(LETTERS), chr(rng.randrange(256))))
    chunks[place] = letter, chunks[place][1]
    return sealed(chunks)


def wrong_length(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """A length that lies, in a chunk whose checksum fits what it says."""
    place = rng.randrange(len(chunks))
    letter, data = chunks[place]
    lie = rng.choice(
        (
            pack_varint(max(0, len(data) + rng.choice((-1, 1, -4, 4, 128)))),
            pack_varint(rng.choice((0, 2**14, 2**28, 2**31 - 1))),
            pack_varint(len(data))[:-1] + b"\x80\x00",
            b"\xff" * rng.randrange(1, 8),
        )
    )
    before, after = sealed(chunks[:place]), sealed(chunks[place + 1 :])
    return before + _with_checksum(letter, lie + data) + after[len(SIGNATURE) :]


def header_field(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """One or two fields of the header, anywhere in their range or beyond it."""
    fields = _header_fields(chunks[0][1])
    for __ in range(rng.choice((1, 1, 2))):
        place = rng.randrange(len(fields))
        fields[place] = _any_value(place, fields[place], rng)
    return sealed([("H", b"".join(fields)), *chunks[1:]])


def header_bytes(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    return sealed([("H", damaged(chunks[0][1], rng)), *chunks[1:]])


def size_with_tiles(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """Another size, and as many tiles as belong to it."""
    fields = _header_fields(chunks[0][1])
    side = 1 << rng.choice((6, 6, 8, 10))
    rows, columns = (2 ** rng.randrange(9) for _ in range(2))
    columns = min(columns, max(1, MOST_TILES // rows))
    fields[:2] = pack_varint(columns * side), pack_varint(rows * side)
    fields[4] = bytes([side.bit_length() - 1])
    first = next(place for place, (kind, _) in enumerate(chunks) if kind in "AT")
    tile = chunks[first : first + 1 + (chunks[first][0] == "A")]
    header = [("H", b"".join(fields)), *chunks[1:first]]
    return sealed(header + tile * (rows * columns))


def payload(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    return _changed("T", chunks, rng, damaged)


def payload_of_another(chunks: Chunks, others: Chunks, rng: Random) -> bytes:
    payloads = [data for kind, data in others if kind == "T"]
    return _changed("T", chunks, rng, lambda _, rng: rng.choice(payloads))


def any_data(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    return _changed(rng.choice(chunks)[0], chunks, rng, damaged)


def metadata(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """Metadata that is no zlib stream, or one of a surprising length."""
    bombs = MAX_METADATA_BYTES, MAX_METADATA_BYTES + 1
    inflated = rng.choice((0, 1, 100, 100, 1000, 1000, 1000, *bombs))
    stream = zlib.compress(bytes(inflated), 9)
    data = rng.choice((stream, stream, damaged(stream, rng), rng.randbytes(20)))
    return sealed([chunks[0], (rng.choice("Iex"), data), *chunks[1:]])


def alpha(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """An alpha whose PNG file lies, with checksums that fit, also those of PNG."""
    return _changed("A", chunks, rng, _lying_png)


MUTATIONS: tuple[Mutation, ...] = (
    *(swap_chunks, repeat_chunk, drop_chunk, foreign_chunk, foreign_header),
    *(unknown_chunk, other_type, wrong_length, header_field, header_field),
    *(header_bytes, size_with_tiles, payload, payload, payload, payload_of_another),
    *(any_data, metadata, alpha, alpha),
)


def _splice_with(other: bytes) -> fuzz_bytes.Damage:
    def splice(one: bytes, rng: Random) -> bytes:
        return fuzz_bytes.splice(one, other, rng)

    return splice


def _chunk(letter: str, data: bytes) -> bytes:
    return _with_checksum(letter, pack_varint(len(data)) + data)


def _with_checksum(letter: str, rest: bytes) -> bytes:
    body = letter.encode("latin-1") + rest
    return body + struct.pack("<I", zlib.crc32(body))


def _header_fields(data: bytes) -> list[bytes]:
    """Width, height, channels, quality, tile_log2 and model id."""
    _, height = parse_varint(data, 0, name="width")
    _, rest = parse_varint(data, height, name="height")
    three = [data[rest + place : rest + place + 1] for place in range(3)]
    return [data[:height], data[height:rest], *three, data[rest + 3 :]]


def _any_value(place: int, value: bytes, rng: Random) -> bytes:
    if place < 2:
        number, _ = parse_varint(value, 0, name="side")
        near = max(0, number + rng.choice((-64, -1, 1, 64)))
        return pack_varint(rng.choice((near, *SIDES, *SIDES_LIMITS)))
    if place < 5:
        return bytes([rng.choice((*range(16), 50, 99, 100, 101, 127, 128, 255))])
    return rng.choice((bytes(8), rng.randbytes(8), fuzz_bytes.flip_bits(value, rng)))


def _changed(
    kind: str, chunks: Chunks, rng: Random, change: fuzz_bytes.Damage
) -> bytes:
    """Change the data of one chunk of this kind; without any, of any chunk."""
    of_kind = [place for place, (letter, _) in enumerate(chunks) if letter == kind]
    place = rng.choice(of_kind or range(len(chunks)))
    letter, data = chunks[place]
    chunks[place] = letter, change(data, rng)
    return sealed(chunks)


def _lying_png(data: bytes, rng: Random) -> bytes:
    width, height = rng.choice((1, 8, 64)), rng.choice((1, 6, 64))
    if data.startswith(PNG_SIGNATURE):
        width, height = struct.unpack(">II", data[16:24])
    rows = rng.choice((height, height - 1, height + 1, 2**20 // width))
    deflated = zlib.compress(rng.randbytes(1) * (rows * (width + 1)), 9)
    size = struct.pack(">II", width, height)
    sizes = (size, size, size, struct.pack(">II", 2**31 - 1, 2**31 - 1), bytes(8))
    kind = rng.choice((b"\x08\0\0\0\0",) * 3 + (rng.randbytes(5), b"\x10\0\0\0\0"))
    parts = [
        (b"IHDR", rng.choice(sizes) + kind),
        (b"IDAT", rng.choice((deflated, damaged(deflated, rng)))),
        (b"IEND", b""),
    ]
    if rng.random() < 0.3:
        parts.insert(rng.randrange(4), (rng.choice((b"tEXt", b"IDAT", b"PLTE")), b""))
    return PNG_SIGNATURE + b"".join(_png_chunk(*part) for part in parts)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
