"""A second decoder, part two: the bytes of a file -> what its chunks say.

Written from vaecodec/format/FORMAT.md alone, sections 2 to 4, with the standard
library.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from math import prod
from typing import NamedTuple

from tests.reference.model import Refused, refuse_unless

MAGIC = bytes.fromhex("8b 56 41 45 43 0d 0a")
METADATA = {"I": "icc_profile", "e": "exif", "x": "xmp"}
METADATA_LIMIT = 2**24
PLAIN = {"P": "code_points", "m": "mastering"}  # not deflated
OPAQUE = "gc"  # chunks that are not looked into, but may not be there twice
CELL = 64
GRAY, RED, GREEN, BLUE, ALPHA, OTHER = range(6)  # roles
LAYOUTS = [(GRAY,), (GRAY, ALPHA), (RED, GREEN, BLUE), (RED, GREEN, BLUE, ALPHA)]


GRAY, RED, GREEN, BLUE, ALPHA, OTHER = range(6)  # roles
LAYOUTS = [(GRAY,), (GRAY, ALPHA), (RED, GREEN, BLUE), (RED, GREEN, BLUE, ALPHA)]


class Header(NamedTuple):
    width: int
    height: int
    channels: int
    quality: int
    tile_log2: int
    rounds: int
    stream_id: bytes
    painter_id: bytes
    depth: int
    roles: tuple[int, ...]

    @property
    def is_lossless(self) -> bool:
        return not any(self.stream_id)

    @property
    def largest_error(self) -> int:
        """Of a lossless file."""
        return int.from_bytes(self.painter_id, "little")

    @property
    def has_alpha_chunks(self) -> bool:
        return ALPHA in self.roles and not self.is_lossless

    def tile_count(self) -> int:
        side = 1 << self.tile_log2
        return -(-self.width // side) * -(-self.height // side)

    def cells(self) -> tuple[int, int]:
        """Rows and columns of the quality map."""
        return -(-self.height // CELL), -(-self.width // CELL)

    def kinds(self, rounds: int) -> str:
        """The types of the chunks of so many rounds, in the order of the file."""
        kind, count = "L" if self.is_lossless else "T", self.tile_count()
        first = "A" + kind if self.has_alpha_chunks else kind
        return count * first + count * (rounds - 1) * kind

    def tiles(self) -> list[tuple[int, int]]:
        """Height and width of each tile, in the order of the file."""
        side = 1 << self.tile_log2
        heights = [min(side, self.height - y) for y in range(0, self.height, side)]
        widths = [min(side, self.width - x) for x in range(0, self.width, side)]
        return [(height, width) for height in heights for width in widths]


class Container(NamedTuple):
    """The chunks of a file: the data of `H` (and `C`), what comes then, the tiles.

    `alphas` (or nothing) go tile after tile, `payloads` round after round.
    """

    fields: bytes
    header: Header
    metadata: dict[str, bytes]
    quality_map: bytes | None
    alphas: list[bytes]
    payloads: list[list[bytes]]

    def place(self, number: int) -> bytes:
        """All that the checksum of a tile's payloads covers beside its symbols."""
        alpha = self.alphas[number] if self.alphas else b""
        map_ = self.quality_map or b""
        return self.fields + map_ + struct.pack("<I", number) + alpha

    def qualities(self, number: int) -> list[list[int]]:
        """The quality of each cell of a tile."""
        (rows, columns), side = self.header.cells(), 1 << self.header.tile_log2
        values = self.quality_map or bytes([self.header.quality]) * (rows * columns)
        row, column = divmod(number, -(-self.header.width // side))
        first, left, count = row * side // CELL, column * side // CELL, side // CELL
        return [
            list(values[y * columns + left : y * columns + min(left + count, columns)])
            for y in range(first, min(first + count, rows))
        ]


def read_container(data: bytes, rounds: int | None = None) -> Container:
    refuse_unless(data[:7] == MAGIC, "no magic")
    refuse_unless(data[7:8] == b"\x02", "another version")
    chunks = split_chunks(data, 8)
    kind, fields = next(chunks, ("", b""))
    refuse_unless(kind == "H", "no header at first")
    listed = samples_byte(fields) % 16 == 0
    kind, channels = next(chunks, ("", b"")) if listed else ("C", b"")
    refuse_unless(kind == "C", "no list of channels behind the header")
    header = read_header(fields, channels)
    before, tiles = [], []
    for chunk in chunks:
        if chunk[0] in "ATL":
            tiles.append(chunk)
            break
        before.append(chunk)
    count = min(rounds or header.rounds, header.rounds)
    kinds = header.kinds(count)
    tiles += islice(chunks, len(kinds) - 1)
    found = "".join(kind for kind, _ in tiles)
    refuse_unless(found == kinds, f"tiles {found}")
    if count == header.rounds:
        refuse_unless(next(chunks, None) is None, "something after the last tile")
    others, quality_map = read_quality_map(before, header)
    payloads = [content for kind, content in tiles if kind != "A"]
    size = header.tile_count()
    return Container(
        fields + channels,
        header,
        read_metadata(others),
        quality_map,
        [content for kind, content in tiles if kind == "A"],
        [payloads[start : start + size] for start in range(0, len(payloads), size)],
    )


def split_chunks(data: bytes, start: int) -> Iterator[tuple[str, bytes]]:
    while start < len(data):
        kind = chr(data[start])
        refuse_unless(kind.isascii() and kind.isalpha(), f"chunk type {kind!r}")
        length, begin = read_varint(data, start + 1)
        end = begin + length
        refuse_unless(end + 4 <= len(data), "the end of the file is missing")
        checksum = int.from_bytes(data[end : end + 4], "little")
        refuse_unless(zlib.crc32(data[start:end]) == checksum, "checksum of a chunk")
        yield kind, data[begin:end]
        start = end + 4


def read_varint(data: bytes, start: int) -> tuple[int, int]:
    """Return a number and the position behind it."""
    value = 0
    for place, byte in enumerate(data[start : start + 5]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            refuse_unless(byte != 0 or place == 0, "a varint that is not the shortest")
            refuse_unless(value < 2**31, "a varint that is too large")
            return value, start + place + 1
    raise Refused("a varint without end")


def samples_byte(data: bytes) -> int:
    """The byte of a header that says layout and bits per sample."""
    _, start = read_varint(data, 0)
    _, start = read_varint(data, start)
    refuse_unless(start < len(data), "length of the header")
    return data[start]


def read_list(data: bytes) -> tuple[int, ...]:
    count, start = read_varint(data, 0)
    roles = tuple(data[start:])
    refuse_unless(1 <= count <= 16 and len(roles) == count, "number of channels")
    refuse_unless(max(roles) <= OTHER, "an unknown role")
    known = sorted(role for role in roles if role not in (ALPHA, OTHER))
    refuse_unless(known in ([], [GRAY], [RED, GREEN, BLUE]), "colours of the list")
    refuse_unless(roles.count(ALPHA) <= 1, "a second alpha")
    refuse_unless(roles not in LAYOUTS, "a list of the channels of a layout")
    return roles


def read_header(data: bytes, channels: bytes) -> Header:
    """The header, with the data of the list of channels if there is one."""
    width, start = read_varint(data, 0)
    height, start = read_varint(data, start)
    refuse_unless(len(data) == start + 15, "length of the header")
    samples, quality, tiling = data[start : start + 3]
    layout, depth = samples % 16, samples // 16 + 1
    tile_log2, rounds = tiling % 16, tiling // 16
    refuse_unless(1 <= width <= 2**20 and 1 <= height <= 2**20, "size of the image")
    refuse_unless(layout <= 4, "layout of the channels")
    roles = LAYOUTS[layout - 1] if layout else read_list(channels)
    refuse_unless(8 <= depth <= 16, "bits per sample")
    refuse_unless(quality <= 100, "quality")
    refuse_unless(rounds >= 1, "number of rounds")
    ids = data[start + 3 : start + 11], data[start + 11 :]
    sides = width, height, len(roles)
    header = Header(*sides, quality, tile_log2, rounds, *ids, depth, roles)
    refuse_unless(
        6 <= tile_log2 <= (12 if header.is_lossless else 10), "side of a tile"
    )
    if header.is_lossless:
        simple = (quality, rounds) == (100, 1) and header.largest_error < 1 << depth - 1
        refuse_unless(simple, "a lossless file with more than its samples")
    return header


def read_quality_map(
    chunks: list[tuple[str, bytes]], header: Header
) -> tuple[list[tuple[str, bytes]], bytes | None]:
    """Return the other chunks and the qualities, if they are there."""
    others = [chunk for chunk in chunks if chunk[0] != "Q"]
    maps = [content for kind, content in chunks if kind == "Q"]
    refuse_unless(len(maps) <= 1, "a second quality map")
    if not maps:
        return others, None
    refuse_unless(not header.is_lossless, "a quality map in a lossless file")
    size = prod(header.cells())
    qualities = inflate(maps[0], size)
    refuse_unless(len(qualities) == size, "size of the quality map")
    refuse_unless(max(qualities) <= 100, "a quality in the map")
    return others, qualities


def read_metadata(chunks: list[tuple[str, bytes]]) -> dict[str, bytes]:
    metadata: dict[str, bytes] = {}
    seen = ""
    for kind, content in chunks:
        known = kind in METADATA or kind in PLAIN
        refuse_unless(known or kind.islower(), f"a chunk {kind} here")
        refuse_unless(kind not in seen, f"a second chunk {kind}")
        seen += kind if known or kind in OPAQUE else ""
        if kind in METADATA:
            metadata[METADATA[kind]] = inflate(content, METADATA_LIMIT)
        if kind == "P":
            right = len(content) == 4 and content[2] == 0 and content[3] <= 1
            refuse_unless(right, "code points")
        if kind in PLAIN and (kind == "P" or len(content) == 32):
            metadata[PLAIN[kind]] = content
    return metadata


def inflate(data: bytes, most: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        inflated = stream.decompress(data, most + 1)
    except zlib.error as error:
        raise Refused(f"zlib stream: {error}") from error
    whole = stream.eof and not stream.unused_data and len(inflated) <= most
    refuse_unless(whole, "a zlib stream that is not whole, too long, or not alone")
    return inflated
