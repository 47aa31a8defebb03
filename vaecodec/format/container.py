"""The whole `.vaec` file: signature, header, metadata, and the chunks of the tiles.

In: a header, what belongs to each tile, and metadata; out: the bytes of a file, and
back. The reader walks the file once, from front to back, and refuses everything that
the specification does not allow, so damage shows as an error here and not as a wrong
picture later. Payloads and alphas stay opaque; the codec knows what they mean.
Specification: FORMAT.md, sections 2 to 4.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vaecodec.errors import FormatError
from vaecodec.format.chunks import Chunk, Outline, pack_chunk, parse_chunk
from vaecodec.format.file_bytes import Bytes
from vaecodec.format.header import ImageHeader, pack_fields, parse_fields
from vaecodec.format.metadata import (
    FIELDS,
    NO_METADATA,
    Metadata,
    pack_metadata,
    parse_metadata,
)
from vaecodec.format.pixel_limit import check_pixels

# A byte above 0x7F and CR LF: a transfer as text breaks the first bytes already.
MAGIC = b"\x8bVAEC\r\n"
FORMAT_VERSION = 1

_SIGNATURE = MAGIC + bytes([FORMAT_VERSION])

AnyChunk = TypeVar("AnyChunk", bound=Outline)


@dataclass(frozen=True)
class ImageFile:
    """An undamaged file, taken apart.

    Attributes:
        header: The fields of the header chunk.
        payloads: One per tile, row after row, each row from left to right.
        alphas: As many, in the same order, if the header has alpha; else none.
        metadata: What the file says beside the samples.
    """

    header: ImageHeader
    payloads: Sequence[bytes]
    alphas: Sequence[bytes] = ()
    metadata: Metadata = NO_METADATA


def pack_file(
    header: ImageHeader,
    payloads: Sequence[bytes],
    *,
    alphas: Sequence[bytes] = (),
    metadata: Metadata = NO_METADATA,
) -> bytes:
    """Write a file.

    Args:
        header: Describes the image.
        payloads: One per tile, row after row, each shorter than 2^31 bytes.
        alphas: As many if the header has alpha, else none.
        metadata: What else the file is to hold.

    Raises:
        FormatError: More than `max_pixels()` pixels or `MAX_METADATA_BYTES` bytes.
        ValueError: The number of payloads is not `header.tile_count`, or the number
            of alphas is not what it should be.
    """
    check_pixels(header.width, header.height, error=FormatError)
    _check_count("payloads", len(payloads), header.tile_count)
    _check_count("alphas", len(alphas), header.tile_count * header.has_alpha)
    chunks = [pack_chunk("H", pack_fields(header))]
    chunks += [pack_chunk(letter, data) for letter, data in pack_metadata(metadata)]
    for alpha, payload in itertools.zip_longest(alphas, payloads):
        if header.has_alpha:
            chunks.append(pack_chunk("A", alpha))
        chunks.append(pack_chunk("T", payload))
    return _SIGNATURE + b"".join(chunks)


def parse_file(data: bytes) -> ImageFile:
    """Read all bytes of a file and check every checksum.

    Raises:
        FormatError: The file is damaged, of another version, or holds more than
            `max_pixels()` pixels.
    """
    header, metadata, chunks = walk_file(data, parse_chunk)
    parts: dict[str, list[bytes]] = {"A": [], "T": []}
    for chunk in chunks:
        parts[chunk.type].append(chunk.data)
    return ImageFile(header, tuple(parts["T"]), tuple(parts["A"]), metadata)


def walk_file(
    data: Bytes, look_at: Callable[[Bytes, int], AnyChunk]
) -> tuple[ImageHeader, Metadata, Iterator[AnyChunk]]:
    """Read what stands before the tiles, and look at the chunks of the tiles.

    Args:
        data: The whole file.
        look_at: Reads as much of the chunk at a position as is wanted.

    Returns:
        Header, metadata, and the chunks A and T in their order, which raise as well.

    Raises:
        FormatError: The file breaks a rule.
    """
    chunk = parse_header_chunk(data)
    header = parse_fields(chunk.data)
    check_pixels(header.width, header.height, error=FormatError)
    metadata, position = _parse_until_tiles(data, chunk.end)
    return header, metadata, _walk_tiles(data, position, header, look_at)


def parse_header(data: Bytes) -> ImageHeader:
    """Read the header only; the first 64 bytes of a file are enough.

    An image of more than `max_pixels()` pixels is described, not refused.

    Raises:
        FormatError: These bytes are not the beginning of a file of this version.
    """
    return parse_fields(parse_header_chunk(data).data)


def parse_beginning(data: Bytes) -> tuple[ImageHeader, Metadata]:
    """Read what stands before the tiles: all that is known without decoding.

    Raises:
        FormatError: As `parse_header`, and if metadata is damaged.
    """
    chunk = parse_header_chunk(data)
    metadata, _ = _parse_until_tiles(data, chunk.end)
    return parse_fields(chunk.data), metadata


def parse_header_chunk(data: Bytes) -> Chunk:
    """Read the chunk that every file begins with.

    Raises:
        FormatError: These bytes are not the beginning of a file of this version.
    """
    _check_signature(data)
    chunk = parse_chunk(data, len(_SIGNATURE))
    if chunk.type != "H":
        raise FormatError(
            f"at byte {chunk.start}: chunk '{chunk.type}' in the place of the header"
        )
    return chunk


def _check_signature(data: Bytes) -> None:
    signature = data[: len(_SIGNATURE)]
    found = signature[: len(MAGIC)]
    if found != MAGIC:
        raise FormatError(
            f"not a .vaec file: begins with {found!r}, not with {MAGIC!r}"
        )
    if len(data) < len(_SIGNATURE):
        raise FormatError(f"the file ends after {len(data)} bytes, before its version")
    version = signature[len(MAGIC)]
    if version != FORMAT_VERSION:
        raise FormatError(
            f"the file has format version {version}, "
            f"this program reads version {FORMAT_VERSION}"
        )


def _parse_until_tiles(data: Bytes, position: int) -> tuple[Metadata, int]:
    """Read the chunks before the first tile; return also where that begins."""
    found: dict[str, bytes] = {}
    while data[position : position + 1] not in (b"A", b"T"):
        chunk = parse_chunk(data, position)
        if chunk.type in FIELDS and chunk.type not in found:
            found[chunk.type] = chunk.data
        else:
            check_may_be_skipped(chunk)
        position = chunk.end
    return parse_metadata(found), position


def _walk_tiles(
    data: Bytes,
    position: int,
    header: ImageHeader,
    look_at: Callable[[Bytes, int], AnyChunk],
) -> Iterator[AnyChunk]:
    for expected in header.tile_count * ("AT" if header.has_alpha else "T"):
        chunk = look_at(data, position)
        _check_type(chunk, expected)
        yield chunk
        position = chunk.end
    if position != len(data):
        raise FormatError(
            f"at byte {position}: {len(data) - position} bytes after the last tile"
        )


def check_may_be_skipped(chunk: Chunk) -> None:
    """Let only chunks pass that are not known, not required, and before the tiles.

    Raises:
        FormatError: It is another one.
    """
    where = f"at byte {chunk.start}: chunk '{chunk.type}'"
    if chunk.type == "H":
        raise FormatError(f"{where} is a second header")
    if chunk.type in FIELDS:
        raise FormatError(f"{where} is there twice")
    if chunk.required:
        raise FormatError(f"{where} is required and not known to this program")


def _check_type(chunk: Outline, expected: str) -> None:
    """Let only the chunks of tiles pass, in their order."""
    if chunk.type != expected:
        raise FormatError(
            f"at byte {chunk.start}: chunk '{chunk.type}' among the tiles, "
            f"where '{expected}' must stand"
        )


def _check_count(name: str, count: int, expected: int) -> None:
    if count != expected:
        raise ValueError(f"{count} {name}, expected {expected}")
