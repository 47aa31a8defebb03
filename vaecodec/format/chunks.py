"""Chunks: the pieces a `.vaec` file is made of after its signature.

In: a type letter and bytes; out: the packed chunk, and back. A chunk carries its
length, so readers can jump over what they do not know, and a CRC-32 over everything
before it, so nothing of it is believed before it is known to be undamaged. A length is
compared with the bytes that are really there before anything is copied.
Specification: FORMAT.md, section 2.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from vaecodec.errors import FormatError
from vaecodec.format.file_bytes import Bytes

VARINT_LIMIT = 1 << 31
MAX_VARINT_BYTES = 5
CRC_BYTES = 4


@dataclass(frozen=True)
class Outline:
    """What a chunk says of itself; it may be damaged.

    Attributes:
        type: One ASCII letter; upper case is required, lower case may be skipped.
        start: Position of the type letter in the file.
        data_start: Position of the first byte of the data.
        end: Position of the first byte after the chunk; not after that of the file.
    """

    type: str
    start: int
    data_start: int
    end: int

    @property
    def required(self) -> bool:
        """Whether a reader that does not know the type must refuse the file."""
        return self.type.isupper()


@dataclass(frozen=True)
class Chunk(Outline):
    """One undamaged chunk.

    Attributes:
        data: The bytes inside, without type, length and checksum.
    """

    data: bytes


def pack_chunk(type_letter: str, data: bytes) -> bytes:
    """Put type, length and checksum around `data` (shorter than 2^31 bytes)."""
    body = type_letter.encode("ascii") + pack_varint(len(data)) + data
    return body + zlib.crc32(body).to_bytes(CRC_BYTES, "little")


def parse_chunk(data: Bytes, position: int) -> Chunk:
    """Read the chunk that begins at `position` of a file.

    Raises:
        FormatError: As `outline_chunk`, or the checksum does not fit.
    """
    outline = outline_chunk(data, position)
    chunk = data[position : outline.end]
    _check_crc(chunk, position)
    return Chunk(
        **vars(outline), data=chunk[outline.data_start - position : -CRC_BYTES]
    )


def outline_chunk(data: Bytes, position: int) -> Outline:
    """Look at the beginning of a chunk only, and believe it.

    Raises:
        FormatError: The file ends too early, the type is not a letter, or the length
            is not a minimal varint below 2^31.
    """
    if position >= len(data):
        raise FormatError(f"at byte {position}: the file ends, a chunk should begin")
    letter = data[position : position + 1]
    if not letter.isalpha():
        raise FormatError(
            f"at byte {position}: chunk type 0x{letter.hex()} is not a letter"
        )
    name = f"at byte {position}: length of chunk '{letter.decode()}'"
    length, data_start = parse_varint(data, position + 1, name=name)
    end = data_start + length + CRC_BYTES
    if end > len(data):
        raise FormatError(
            f"{name} is {length}, but the file ends after {len(data)} bytes, not {end}"
        )
    return Outline(letter.decode(), position, data_start, end)


def pack_varint(value: int) -> bytes:
    """Write 0 <= value < 2^31 in groups of 7 bits, low ones first (LEB128)."""
    if not 0 <= value < VARINT_LIMIT:
        raise ValueError(f"{value} is not in 0..{VARINT_LIMIT - 1}")
    packed = bytearray()
    while value >= 0x80:
        packed.append(value & 0x7F | 0x80)
        value >>= 7
    packed.append(value)
    return bytes(packed)


def parse_varint(data: Bytes, position: int, *, name: str) -> tuple[int, int]:
    """Read a varint; only the shortest form of a value below 2^31 is accepted.

    Args:
        data: Bytes that hold the varint.
        position: Where it begins.
        name: What is being read, for the error message.

    Returns:
        The value, and the position after it.

    Raises:
        FormatError: The bytes end too early, or the form is not the allowed one.
    """
    value = 0
    for count, byte in enumerate(data[position : position + MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * count)
        if byte & 0x80:
            continue
        if byte == 0 and count > 0:
            raise FormatError(f"{name} is {value}, but not in its shortest form")
        if value >= VARINT_LIMIT:
            raise FormatError(f"{name} is {value}, more than {VARINT_LIMIT - 1}")
        return value, position + count + 1
    if len(data) - position < MAX_VARINT_BYTES:
        raise FormatError(f"{name} is cut off: no bytes after byte {len(data)}")
    raise FormatError(f"{name} is longer than {MAX_VARINT_BYTES} bytes")


def _check_crc(chunk: bytes, start: int) -> None:
    # A memoryview, because a slice would copy a payload just to check it.
    computed = zlib.crc32(memoryview(chunk)[:-CRC_BYTES])
    stored = int.from_bytes(chunk[-CRC_BYTES:], "little")
    if computed != stored:
        raise FormatError(
            f"at byte {start}: chunk '{chr(chunk[0])}' is damaged "
            f"(CRC-32 {computed:08x}, the file says {stored:08x})"
        )
