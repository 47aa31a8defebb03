"""A second decoder of .vaec files, up to the symbols, in plain Python.

Written from vaecodec/format/FORMAT.md alone and kept apart from the package: nothing
of it is imported, and only the standard library is. In go the bytes of a file and of
its model, out come header, metadata, alpha and symbols, or `Refused`. The tests hold
the package against it; `golden_check.py` runs it on any machine.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from tests.reference.networks import Model, Refused, refuse_unless
from tests.reference.payload import read_tile

MAGIC = bytes.fromhex("8b 56 41 45 43 0d 0a")
METADATA = {"I": "icc_profile", "e": "exif", "x": "xmp"}
METADATA_LIMIT = 2**24


class Header(NamedTuple):
    width: int
    height: int
    channels: int
    quality: int
    tile_log2: int
    model_id: bytes

    @property
    def kinds(self) -> str:
        """The types of the chunks of a tile."""
        return "T" if self.channels in (1, 3) else "AT"

    def tile_count(self) -> int:
        side = 1 << self.tile_log2
        return -(-self.width // side) * -(-self.height // side)

    def tiles(self) -> list[tuple[int, int]]:
        """Height and width of each tile, in the order of the file."""
        side = 1 << self.tile_log2
        heights = [min(side, self.height - y) for y in range(0, self.height, side)]
        widths = [min(side, self.width - x) for x in range(0, self.width, side)]
        return [(height, width) for height in heights for width in widths]


class Decoded(NamedTuple):
    """What a file says. `alphas` (or nothing) and `symbols` go tile after tile.

    Alpha is one byte per sample, row after row; the symbols of a tile are its three
    sections, one after the other.
    """

    header: Header
    metadata: dict[str, bytes]
    alphas: list[bytes]
    symbols: list[list[int]]


def decode(data: bytes, model: Model) -> Decoded:
    """Decode a whole file; whatever is wrong with it raises `Refused`."""
    fields, metadata, contents = read_container(data)
    header = read_header(fields)
    refuse_unless(header.model_id == model.id, "another model")
    decoded = Decoded(header, metadata, [], [])
    step = len(header.kinds)
    for number, (height, width) in enumerate(header.tiles()):
        *alpha, payload = contents[step * number : step * (number + 1)]
        if alpha:
            decoded.alphas.append(read_alpha(alpha[0], height, width))
        place = b"".join([fields, struct.pack("<I", number), *alpha])
        symbols = read_tile(model, payload, place, header.quality, height, width)
        decoded.symbols.append(symbols)
    return decoded


def read_container(data: bytes) -> tuple[bytes, dict[str, bytes], list[bytes]]:
    """Return the data of the header, the metadata, the data of all chunks of tiles."""
    refuse_unless(data[:7] == MAGIC, "no magic")
    refuse_unless(data[7:8] == b"\x01", "another version")
    chunks = list(split_chunks(data, 8))
    refuse_unless(bool(chunks) and chunks[0][0] == "H", "no header at first")
    header = read_header(chunks[0][1])
    start = len(chunks) - len(header.kinds) * header.tile_count()
    refuse_unless(start >= 1, "tiles are missing")
    kinds = "".join(kind for kind, _ in chunks[start:])
    refuse_unless(kinds == header.kinds * header.tile_count(), f"tiles {kinds}")
    contents = [content for _, content in chunks[start:]]
    return chunks[0][1], read_metadata(chunks[1:start]), contents


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


def read_header(data: bytes) -> Header:
    width, start = read_varint(data, 0)
    height, start = read_varint(data, start)
    refuse_unless(len(data) == start + 11, "length of the header")
    channels, quality, tile_log2 = data[start : start + 3]
    refuse_unless(1 <= width <= 2**20 and 1 <= height <= 2**20, "size of the image")
    refuse_unless(1 <= channels <= 4, "number of channels")
    refuse_unless(quality <= 100, "quality")
    refuse_unless(6 <= tile_log2 <= 10, "side of a tile")
    return Header(width, height, channels, quality, tile_log2, data[start + 3 :])


def read_metadata(chunks: list[tuple[str, bytes]]) -> dict[str, bytes]:
    metadata = {}
    for kind, content in chunks:
        refuse_unless(kind in METADATA or kind.islower(), f"a chunk {kind} here")
        refuse_unless(METADATA.get(kind) not in metadata, f"a second chunk {kind}")
        if kind in METADATA:
            metadata[METADATA[kind]] = inflate(content, METADATA_LIMIT)
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


def read_alpha(data: bytes, height: int, width: int) -> bytes:
    """The samples of alpha of one tile, row after row."""
    if not data:
        return b"\xff" * (height * width)
    refuse_unless(data[:8] == b"\x89PNG\r\n\x1a\n", "alpha: no PNG")
    chunks = list(split_png(data, 8))
    kinds = [kind for kind, _ in chunks]
    expected = [b"IHDR", *[b"IDAT"] * (len(kinds) - 2), b"IEND"]
    refuse_unless(len(kinds) >= 3 and kinds == expected, "alpha: other PNG chunks")
    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    refuse_unless(chunks[0][1] == header and not chunks[-1][1], "alpha: PNG header")
    size = height * (width + 1)
    rows = inflate(b"".join(content for _, content in chunks[1:-1]), size)
    refuse_unless(len(rows) == size, "alpha: number of samples")
    above, samples = bytes(width), b""
    for start in range(0, size, width + 1):
        above = unfilter(rows[start], rows[start + 1 : start + 1 + width], above)
        samples += above
    return samples


def split_png(data: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    while start < len(data):
        length = int.from_bytes(data[start : start + 4], "big")
        end = start + 8 + length
        refuse_unless(end + 4 <= len(data), "alpha: a PNG chunk is cut off")
        checksum = int.from_bytes(data[end : end + 4], "big")
        refuse_unless(zlib.crc32(data[start + 4 : end]) == checksum, "alpha: checksum")
        yield data[start + 4 : start + 8], data[start + 8 : end]
        start = end + 4


def unfilter(kind: int, row: bytes, above: bytes) -> bytes:
    """One row of a PNG image with one byte per pixel (ISO/IEC 15948, section 9)."""
    refuse_unless(kind <= 4, f"alpha: filter {kind}")
    samples = bytearray()
    left = corner = 0
    for value, up in zip(row, above, strict=True):
        paeth = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
        left = (value + (0, left, up, (left + up) // 2, paeth)[kind]) % 256
        samples.append(left)
        corner = up
    return bytes(samples)
