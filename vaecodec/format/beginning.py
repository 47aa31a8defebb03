"""What stands before the tiles of a `.vaec` file: signature, header, and metadata.

In: the first bytes of a file; out: all that is known of the image without decoding any
of it. What later programs may write is refused by name here, or skipped if no pixel
depends on it. Specification: FORMAT.md, sections 2 and 3.
"""

from __future__ import annotations

from typing import NamedTuple

from vaecodec.errors import FormatError
from vaecodec.format.chunks import Chunk, Outline, parse_chunk
from vaecodec.format.file_bytes import Bytes
from vaecodec.format.header import ImageHeader, parse_fields
from vaecodec.format.metadata import FIELDS, SKIPPED, Metadata, parse_metadata
from vaecodec.format.pixel_limit import check_pixels
from vaecodec.format.quality_map import LETTER as QUALITY_MAP
from vaecodec.format.roles import LETTER as CHANNELS

# A byte above 0x7F and CR LF: a transfer as text breaks the first bytes already.
MAGIC = b"\x8bVAEC\r\n"
FORMAT_VERSION = 2
SIGNATURE = MAGIC + bytes([FORMAT_VERSION])

KNOWN = {"H", CHANNELS, QUALITY_MAP, *FIELDS, *SKIPPED}
NOT_READ = {
    "R": "receiver patch",
    "L": "lossless tile",
}

# Chunks of tiles; a file has either symbols or lossless tiles.
ALPHA, SYMBOLS, LOSSLESS = "A", "T", "L"
TILE_LETTERS = (ALPHA, SYMBOLS, LOSSLESS)
_TILE_BYTES = tuple(letter.encode() for letter in TILE_LETTERS)


class Beginning(NamedTuple):
    """What stands before the tiles.

    Attributes:
        header: The fields of the header chunk.
        metadata: What the file says beside the samples.
        quality_map: Data of the quality map's chunk, still deflated; None without one.
        end: Position of the first tile.
    """

    header: ImageHeader
    metadata: Metadata
    quality_map: bytes | None
    end: int


def parse_header(data: Bytes) -> ImageHeader:
    """Read the header only; the first 64 bytes of a file are enough.

    An image that is too large for this program is described, not refused.

    Raises:
        FormatError: These bytes are not the beginning of a file of this version.
    """
    return header_of(parse_header_chunks(data)[0])


def parse_beginning(data: Bytes) -> Beginning:
    """Read what stands before the tiles.

    Raises:
        FormatError: As `parse_header`, and if a chunk is damaged or cannot be read.
    """
    found, position = parse_header_chunks(data)
    while not at_tiles(data, position):
        chunk = parse_chunk(data, position)
        keep_known(chunk, found)
        position = chunk.end
    return beginning_of(found, position)


def parse_header_chunks(data: Bytes) -> tuple[dict[str, bytes], int]:
    """Read what every file begins with: the header, and the list of channels if any.

    Returns:
        The data of these chunks by type, and where they end.

    Raises:
        FormatError: These bytes are not the beginning of a file of this version.
    """
    header = _parse_first_chunk(data)
    if data[header.end : header.end + 1] != CHANNELS.encode():
        return {header.type: header.data}, header.end
    channels = parse_chunk(data, header.end)
    return {header.type: header.data, CHANNELS: channels.data}, channels.end


def header_of(found: dict[str, bytes]) -> ImageHeader:
    """The header of a file with these chunks.

    Raises:
        FormatError: A value is outside its range.
    """
    return parse_fields(found["H"], found.get(CHANNELS))


def _parse_first_chunk(data: Bytes) -> Chunk:
    _check_signature(data)
    chunk = parse_chunk(data, len(SIGNATURE))
    if chunk.type != "H":
        raise FormatError(
            f"at byte {chunk.start}: chunk '{chunk.type}' in the place of the header"
        )
    return chunk


def at_tiles(data: Bytes, position: int) -> bool:
    """Whether a chunk that belongs to a tile seems to begin here."""
    return data[position : position + 1] in _TILE_BYTES


def keep_known(chunk: Chunk, found: dict[str, bytes]) -> None:
    """Add a chunk before the tiles to those found, by type, unless it is to be skipped.

    Raises:
        FormatError: One of its type was found before, or this program cannot read the
            file without knowing the chunk.
    """
    if chunk.type in found:
        raise FormatError(f"at byte {chunk.start}: chunk '{chunk.type}' is there twice")
    if chunk.type == CHANNELS:
        raise FormatError(
            f"at byte {chunk.start}: list of channels not directly after the header"
        )
    if chunk.type in KNOWN:
        found[chunk.type] = chunk.data
    elif chunk.required:
        raise unreadable(chunk)


def beginning_of(found: dict[str, bytes], end: int) -> Beginning:
    """Take apart the chunks found before the tiles, which end at this position.

    Raises:
        FormatError: The data of one of them is not what it should be.
    """
    metadata = {letter: found[letter] for letter in FIELDS if letter in found}
    return Beginning(
        header=header_of(found),
        metadata=parse_metadata(metadata),
        quality_map=found.get(QUALITY_MAP),
        end=end,
    )


def unreadable(chunk: Outline) -> FormatError:
    """The error about a required chunk that this program does not read."""
    where = f"at byte {chunk.start}: chunk '{chunk.type}'"
    if name := NOT_READ.get(chunk.type):
        return FormatError(
            f"{where} ({name}) is part of the format, but not read by this program"
        )
    return FormatError(f"{where} is required and not known to this program")


def check_readable(header: ImageHeader) -> None:
    """Refuse images that a file may hold, but this program neither reads nor writes.

    Raises:
        FormatError: The image has more than `max_pixels()` pixels.
    """
    check_pixels(header.width, header.height, header.channels, error=FormatError)


def _check_signature(data: Bytes) -> None:
    signature = data[: len(SIGNATURE)]
    found = signature[: len(MAGIC)]
    if found != MAGIC:
        raise FormatError(
            f"not a .vaec file: begins with {found!r}, not with {MAGIC!r}"
        )
    if len(data) < len(SIGNATURE):
        raise FormatError(f"the file ends after {len(data)} bytes, before its version")
    version = signature[len(MAGIC)]
    if version != FORMAT_VERSION:
        raise FormatError(
            f"the file has format version {version}, "
            f"this program reads version {FORMAT_VERSION}"
        )
