"""Mutations of what the chunks of a `.vaec` file hold, of their rounds, and of both.

In: the chunks of a file, those of another one, and a random generator. Out: a file with
checksums that fit. See `fuzz_files`.
"""

from __future__ import annotations

import struct
import zlib
from random import Random

from tools.fuzz_bytes import damaged
from tools.fuzz_chunks import (
    Chunks,
    Mutation,
    changed,
    first_tile,
    header_fields,
    sealed,
)
from vaecodec.format.header import parse_fields
from vaecodec.format.metadata import MAX_METADATA_BYTES

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LOSSLESS_HEAD = 5  # bytes before the content of a tile
LEARNED_HEAD = 4  # bytes of content before what the model made
MOST_CELLS = 1 << 16  # of a quality map that a mutation makes


def payload(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    return changed("T", chunks, rng, damaged)


def payload_of_another(chunks: Chunks, others: Chunks, rng: Random) -> bytes:
    payloads = [data for kind, data in others if kind in "TL"]
    return changed("T", chunks, rng, lambda _, rng: rng.choice(payloads))


def payload_of_another_round(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """A payload of the same file, as if it were that of another tile or round."""
    payloads = [data for kind, data in chunks if kind in "TL"]
    return changed("T", chunks, rng, lambda _, rng: rng.choice(payloads))


def rounds(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """Another number of rounds, and mostly as many payloads as belong to it."""
    fields = header_fields(chunks[0][1])
    old, new = fields[4][0] >> 4, rng.randrange(16)
    fields[4] = bytes([fields[4][0] & 15 | new << 4])
    first = first_tile(chunks)
    tiles = chunks[first:]
    count = sum(kind == "T" for kind, _ in tiles) // old
    if new > old:
        tiles += tiles[-count:] * (new - old)
    elif rng.random() < 0.7:
        del tiles[len(tiles) - count * (old - max(1, new)) :]
    return sealed([("H", b"".join(fields)), *chunks[1:first], *tiles])


def order_of_rounds(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """The payloads in another order: tile after tile, or none at all."""
    first = first_tile(chunks)
    tiles = chunks[first:]
    if rng.random() < 0.5:
        rng.shuffle(tiles)
    else:
        step = rng.randrange(1, len(tiles) + 1)
        tiles = [chunk for start in range(step) for chunk in tiles[start::step]]
    return sealed(chunks[:first] + tiles)


def cut_after_chunk(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """The beginning of a file, as of a download that stopped."""
    return sealed(chunks[: rng.randrange(1, len(chunks) + 1)])


def quality_map(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """A quality map that lies, or the right one in another form."""
    header = parse_fields(chunks[0][1], dict(chunks).get("C"))
    size = -(-header.width // 64) * -(-header.height // 64)
    near = max(0, min(size, MOST_CELLS) + rng.choice((-1, 1)))
    count = rng.choice((size, size, size, near, MAX_METADATA_BYTES))
    old = [data for kind, data in chunks if kind == "Q"]
    values = rng.choice(([header.quality], [0], [100], [101], range(101), range(256)))
    if old and rng.random() < 0.3:
        stream = zlib.compress(zlib.decompress(old[0]), rng.randrange(10))
    elif count == size <= MOST_CELLS:
        stream = zlib.compress(bytes(rng.choices(values, k=count)), 9)
    else:
        stream = zlib.compress(bytes(rng.choices(values)) * count, 9)
    data = rng.choice((stream, stream, stream, damaged(stream, rng)))
    kept = [chunk for chunk in chunks[1:] if chunk[0] != "Q" or rng.random() < 0.1]
    return sealed([chunks[0], ("Q", data), *kept])


def no_quality_map(chunks: Chunks, others: Chunks, rng: Random) -> bytes:
    """The quality map is missing, or is that of another file."""
    maps = [chunk for chunk in others if chunk[0] == "Q"]
    kept = [chunk for chunk in chunks[1:] if chunk[0] != "Q"]
    return sealed([chunks[0], *rng.choice(([], maps)), *kept])


def any_data(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    return changed(rng.choice(chunks)[0], chunks, rng, damaged)


def metadata(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """Metadata that is no zlib stream, or one of a surprising length."""
    bombs = MAX_METADATA_BYTES, MAX_METADATA_BYTES + 1
    inflated = rng.choice((0, 1, 100, 100, 1000, 1000, 1000, *bombs))
    stream = zlib.compress(bytes(inflated), 9)
    data = rng.choice((stream, stream, damaged(stream, rng), rng.randbytes(20)))
    return sealed([chunks[0], (rng.choice("Iex"), data), *chunks[1:]])


def colours(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """Code points or mastering data that mean little, or are of another length."""
    points = bytes([*rng.choices((0, 1, 2, 9, 16), k=2), *rng.choices((0, 0, 1), k=2)])
    data = rng.choice((points, points, rng.randbytes(4), rng.randbytes(32), b""))
    return sealed([chunks[0], (rng.choice("PPm"), data), *chunks[1:]])


def alpha(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """An alpha whose PNG file lies, with checksums that fit, also those of PNG."""
    return changed("A", chunks, rng, _lying_png)


def lossless(chunks: Chunks, _: Chunks, rng: Random) -> bytes:
    """A lossless tile of another kind, size or model, or whose content is damaged."""
    return changed("L", chunks, rng, _lying_tile)


CONTENTS: tuple[Mutation, ...] = (
    *(payload, payload, payload, payload_of_another, payload_of_another_round),
    *(rounds, rounds, order_of_rounds, cut_after_chunk),
    *(quality_map, quality_map, no_quality_map, any_data, metadata, alpha, alpha),
    *(lossless, lossless, colours),
)


def _lying_tile(data: bytes, rng: Random) -> bytes:
    head, webp = data[:LOSSLESS_HEAD], data[LOSSLESS_HEAD:]
    model, values = webp[:LEARNED_HEAD], webp[LEARNED_HEAD:]
    size = rng.randbytes(4) if rng.random() < 0.5 else struct.pack("<I", 0x0FFFFFFF)
    kind = bytes([rng.randrange(4)])
    return rng.choice(
        (
            head + damaged(webp, rng),
            head + model + damaged(values, rng),
            head + model + bytes(rng.randrange(9)) + values,
            head + webp[:21] + size + webp[25:],
            head + webp[:25] + damaged(webp[25:], rng),
            kind + data[1:],
        )
    )


def _lying_png(data: bytes, rng: Random) -> bytes:
    width, height = rng.choice((1, 8, 64)), rng.choice((1, 6, 64))
    if data.startswith(PNG_SIGNATURE):
        width, height = struct.unpack(">II", data[16:24])
    rows = rng.choice((height, height - 1, height + 1, 2**20 // width))
    row = 1 + width * rng.choice((1, 1, 2))  # bytes
    deflated = zlib.compress(rng.randbytes(1) * (rows * row), 9)
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
