"""A second decoder, part three: the alpha of a tile, which is a PNG file of one kind.

Written from vaecodec/format/FORMAT.md alone, section 4, with the standard library.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.reference.container import inflate
from tests.reference.model import refuse_unless


def read_alpha(data: bytes, height: int, width: int, depth: int) -> bytes:
    """The samples of alpha of one tile, row after row; of two bytes the low one first.

    One byte is a sample of 8 bits, two are one of more.
    """
    step, most = (1 if depth == 8 else 2), (1 << depth) - 1
    if not data:
        return most.to_bytes(step, "little") * (height * width)
    refuse_unless(data[:8] == b"\x89PNG\r\n\x1a\n", "alpha: no PNG")
    chunks = list(split_png(data, 8))
    kinds = [kind for kind, _ in chunks]
    expected = [b"IHDR", *[b"IDAT"] * (len(kinds) - 2), b"IEND"]
    refuse_unless(len(kinds) >= 3 and kinds == expected, "alpha: other PNG chunks")
    header = struct.pack(">2I5B", width, height, 8 * step, 0, 0, 0, 0)
    refuse_unless(chunks[0][1] == header and not chunks[-1][1], "alpha: PNG header")
    length = width * step
    size = height * (length + 1)
    rows = inflate(b"".join(content for _, content in chunks[1:-1]), size)
    refuse_unless(len(rows) == size, "alpha: number of samples")
    above, samples = bytes(length), b""
    for start in range(0, size, length + 1):
        row = rows[start + 1 : start + 1 + length]
        above = unfilter(rows[start], row, above, step)
        samples += above
    if step == 1:
        return samples
    values = struct.unpack(f">{height * width}H", samples)
    refuse_unless(max(values) <= most, "alpha: a sample that is too large")
    return struct.pack(f"<{height * width}H", *values)


def split_png(data: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    while start < len(data):
        length = int.from_bytes(data[start : start + 4], "big")
        end = start + 8 + length
        refuse_unless(end + 4 <= len(data), "alpha: a PNG chunk is cut off")
        checksum = int.from_bytes(data[end : end + 4], "big")
        refuse_unless(zlib.crc32(data[start + 4 : end]) == checksum, "alpha: checksum")
        yield data[start + 4 : start + 8], data[start + 8 : end]
        start = end + 4


def unfilter(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    """One row of a PNG image of so many bytes per pixel (ISO/IEC 15948, section 9)."""
    refuse_unless(kind <= 4, f"alpha: filter {kind}")
    found, upper = bytearray(step), bytes(step) + above
    for place, value in enumerate(row):
        left, corner, up = found[place], upper[place], upper[place + step]
        paeth = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
        guess = (0, left, up, (left + up) // 2, paeth)[kind]
        found.append((value + guess) % 256)
    return bytes(found[step:])
