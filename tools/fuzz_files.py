"""Mutations of `.vaec` files: of their bytes, of their chunks, and of what those say.

In: valid files and a number. Out: one file that may lie about anything, and what was
done to it. Damage that a checksum would find at once ends a reader's work at once; so
most mutations lie first and make the checksums afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tools import fuzz_bytes
from tools.fuzz_bytes import damaged
from tools.fuzz_chunks import (
    Chunks,
    Mutation,
    first_tile,
    header_fields,
    sealed,
    split,
    with_checksum,
)
from tools.fuzz_contents import CONTENTS
from vaecodec.format.beginning import NOT_READ, SIGNATURE
from vaecodec.format.chunks import pack_varint, parse_varint

SIDES = (0, 1, 2, 15, 16, 17, 63, 64, 65, 128, 1024, 4096, 16384, 65536)
SIDES_LIMITS = (2**20 - 1, 2**20, 2**20 + 1, 2**28, 2**31 - 1)
LETTERS = "".join(("HTAIexgcmzQ", *NOT_READ))
MOST_TILES = 300  # that a mutation adds


def mutated(files: Sequence[bytes], *, seed: int, number: int) -> tuple[str, bytes]:
    """The name of a mutation and its result: the same for the same arguments."""
    rng = Random(f"{seed}/{number}")
    one, other = rng.choice(files), rng.choice(files)
    if rng.random() < 0.25:
        damage = rng.choice((*fuzz_bytes.DAMAGES, _splice_with(other)))
        return f"bytes: {damage.__name__}", damage(one, rng)
    mutation = rng.choice(MUTATIONS)
    return mutation.__name__, mutation(split(one), split(other), rng)


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
    return before + with_checksum(letter, lie + data) + after[len(SIGNATURE) :]


def header_field(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """One or two fields of the header, anywhere in their range or beyond it."""
    fields = header_fields(chunks[0][1])
    for __ in range(rng.choice((1, 1, 2))):
        place = rng.randrange(len(fields))
        fields[place] = _any_value(place, fields[place], rng)
    return sealed([("H", b"".join(fields)), *chunks[1:]])


def header_bytes(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    return sealed([("H", damaged(chunks[0][1], rng)), *chunks[1:]])


def size_with_tiles(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """Another size, and as many tiles in as many rounds as belong to it."""
    fields = header_fields(chunks[0][1])
    rounds = fields[4][0] >> 4
    side = 1 << rng.choice((6, 6, 8, 10))
    rows, columns = (2 ** rng.randrange(9) for _ in range(2))
    columns = min(columns, max(1, MOST_TILES // rows))
    fields[:2] = pack_varint(columns * side), pack_varint(rows * side)
    fields[4] = bytes([side.bit_length() - 1 | rounds << 4])
    first = first_tile(chunks)
    tile = chunks[first : first + 1 + (chunks[first][0] == "A")]
    header = [("H", b"".join(fields)), *chunks[1:first]]
    later = [tile[-1]] * (rows * columns * (rounds - 1))
    return sealed(header + tile * (rows * columns) + later)


MUTATIONS: tuple[Mutation, ...] = (
    *(swap_chunks, repeat_chunk, drop_chunk, foreign_chunk, foreign_header),
    *(unknown_chunk, other_type, wrong_length, header_field, header_field),
    *(header_bytes, size_with_tiles, *CONTENTS),
)


def _splice_with(other: bytes) -> fuzz_bytes.Damage:
    def splice(one: bytes, rng: Random) -> bytes:
        return fuzz_bytes.splice(one, other, rng)

    return splice


def _any_value(place: int, value: bytes, rng: Random) -> bytes:
    if place < 2:
        number, _ = parse_varint(value, 0, name="side")
        near = max(0, number + rng.choice((-64, -1, 1, 64)))
        return pack_varint(rng.choice((near, *SIDES, *SIDES_LIMITS)))
    if place < 5:
        near = value[0] ^ 1 << rng.randrange(8)
        return bytes([rng.choice((near, *range(16), 50, 99, 100, 101, 127, 128, 255))])
    size = len(value)
    others = bytes(size), rng.randbytes(size), fuzz_bytes.flip_bits(value, rng)
    return rng.choice(others)
