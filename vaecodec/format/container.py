"""The whole `.vaec` file: signature, header chunk, tile chunks.

In: a header and one payload per tile; out: the bytes of a file, and back. The reader
walks the file once, from front to back, and refuses everything that the specification
does not allow, so damage shows as an error here and not as a wrong picture later.
Payloads stay opaque; their meaning is the business of the entropy coder.
Specification: FORMAT.md, sections 2 to 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vaecodec.errors import FormatError
from vaecodec.format.chunks import Chunk, pack_chunk, parse_chunk
from vaecodec.format.header import ImageHeader, pack_fields, parse_fields

# A byte above 0x7F and CR LF: a transfer as text breaks the first bytes already.
MAGIC = b"\x8bVAEC\r\n"
FORMAT_VERSION = 1
MAX_PIXELS = 1 << 28

_SIGNATURE = MAGIC + bytes([FORMAT_VERSION])


@dataclass(frozen=True)
class ImageFile:
    """An undamaged file, taken apart.

    Attributes:
        header: The fields of the header chunk.
        payloads: One per tile, row after row, each row from left to right.
    """

    header: ImageHeader
    payloads: tuple[bytes, ...]


def pack_file(header: ImageHeader, payloads: Sequence[bytes]) -> bytes:
    """Write a file.

    Args:
        header: Describes the image.
        payloads: One per tile, row after row, each shorter than 2^31 bytes.

    Raises:
        FormatError: The image has more than `MAX_PIXELS` pixels.
        ValueError: The number of payloads is not `header.tile_count`.
    """
    _check_pixels(header)
    if len(payloads) != header.tile_count:
        raise ValueError(f"{len(payloads)} payloads for {header.tile_count} tiles")
    chunks = [pack_chunk("H", pack_fields(header))]
    chunks += [pack_chunk("T", payload) for payload in payloads]
    return _SIGNATURE + b"".join(chunks)


def parse_file(data: bytes) -> ImageFile:
    """Read all bytes of a file and check every checksum.

    Raises:
        FormatError: The file is damaged, of another version, or holds more than
            `MAX_PIXELS` pixels.
    """
    chunk = _parse_header_chunk(data)
    header = parse_fields(chunk.data)
    _check_pixels(header)
    payloads: list[bytes] = []
    while len(payloads) < header.tile_count:
        chunk = parse_chunk(data, chunk.end)
        if chunk.type == "T":
            payloads.append(chunk.data)
        else:
            _check_may_be_skipped(chunk, between_tiles=bool(payloads))
    if chunk.end != len(data):
        raise FormatError(
            f"at byte {chunk.end}: {len(data) - chunk.end} bytes after the last tile"
        )
    return ImageFile(header, tuple(payloads))


def parse_header(data: bytes) -> ImageHeader:
    """Read the header only; the first 64 bytes of a file are enough.

    An image of more than `MAX_PIXELS` pixels is described, not refused.

    Raises:
        FormatError: These bytes are not the beginning of a file of this version.
    """
    return parse_fields(_parse_header_chunk(data).data)


def _parse_header_chunk(data: bytes) -> Chunk:
    _check_signature(data)
    chunk = parse_chunk(data, len(_SIGNATURE))
    if chunk.type != "H":
        raise FormatError(
            f"at byte {chunk.start}: chunk '{chunk.type}' in the place of the header"
        )
    return chunk


def _check_signature(data: bytes) -> None:
    found = data[: len(MAGIC)]
    if found != MAGIC:
        raise FormatError(
            f"not a .vaec file: begins with {found!r}, not with {MAGIC!r}"
        )
    if len(data) < len(_SIGNATURE):
        raise FormatError(f"the file ends after {len(data)} bytes, before its version")
    version = data[len(MAGIC)]
    if version != FORMAT_VERSION:
        raise FormatError(
            f"the file has format version {version}, "
            f"this program reads version {FORMAT_VERSION}"
        )


def _check_may_be_skipped(chunk: Chunk, *, between_tiles: bool) -> None:
    where = f"at byte {chunk.start}: chunk '{chunk.type}'"
    if between_tiles:
        raise FormatError(f"{where} between the tiles, which must stand together")
    if chunk.type == "H":
        raise FormatError(f"{where} is a second header")
    if chunk.required:
        raise FormatError(f"{where} is required and not known to this program")


def _check_pixels(header: ImageHeader) -> None:
    pixels = header.width * header.height
    if pixels > MAX_PIXELS:
        raise FormatError(
            f"{header.width} x {header.height} are {pixels} pixels, more than the "
            f"{MAX_PIXELS} that this program reads and writes"
        )
