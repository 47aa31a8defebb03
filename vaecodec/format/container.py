"""The whole `.vaec` file: what stands before the tiles, and round after round of them.

In: a header, what belongs to each tile, and metadata; out: the bytes of a file, and
back. The reader walks the file once, from front to back, and refuses everything that
the specification does not allow, so damage shows as an error here and not as a wrong
picture later. Payloads and alphas stay opaque; the codec knows what they mean.

    beginning | round 1: [A] T  [A] T  [A] T | round 2: T  T  T | round 3: T  T  T
    tile                     0      1      2            0  1  2            0  1  2

Specification: FORMAT.md, sections 2 to 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from vaecodec.errors import FormatError
from vaecodec.format.beginning import (
    ALPHA,
    LOSSLESS,
    SIGNATURE,
    SYMBOLS,
    check_readable,
    parse_beginning,
    parse_header,
    unreadable,
)
from vaecodec.format.chunks import Outline, pack_chunk, parse_chunk
from vaecodec.format.file_bytes import Bytes
from vaecodec.format.header import ImageHeader, pack_bound, pack_fields
from vaecodec.format.metadata import NO_METADATA, Metadata, pack_metadata
from vaecodec.format.quality_map import LETTER as QUALITY_MAP
from vaecodec.format.quality_map import pack_quality_map, parse_quality_map
from vaecodec.format.roles import LETTER as CHANNELS
from vaecodec.format.roles import pack_list

AnyChunk = TypeVar("AnyChunk", bound=Outline)
Item = TypeVar("Item")


@dataclass(frozen=True)
class ImageFile:
    """An undamaged file, taken apart.

    Attributes:
        header: The fields of the header chunk.
        payloads: Those of each tile, round after round; tiles row after row, each row
            from left to right. A tile has fewer payloads than the header has rounds if
            fewer were asked for, or if the others are damaged.
        alphas: One per tile, in the same order, if the header has alpha; else none.
        metadata: What the file says beside the samples.
        quality_map: One quality 0..100 for each cell of 64 x 64 pixels, row after row;
            None if the quality of the header holds everywhere.
    """

    header: ImageHeader
    payloads: Sequence[Sequence[bytes]]
    alphas: Sequence[bytes] = ()
    metadata: Metadata = NO_METADATA
    quality_map: bytes | None = None


def pack_file(
    header: ImageHeader,
    payloads: Sequence[Sequence[bytes]],
    *,
    alphas: Sequence[bytes] = (),
    metadata: Metadata = NO_METADATA,
    quality_map: bytes | None = None,
) -> bytes:
    """Write a file; the arguments are the attributes of `ImageFile`.

    Args:
        header: Describes the image.
        payloads: As many for each tile as there are rounds, shorter than 2^31 bytes.
        alphas: As many as tiles if the header has alpha, else none.
        metadata: What else the file is to hold.
        quality_map: As many values as there are cells, or None.

    Raises:
        FormatError: More than `max_pixels()` pixels or `MAX_METADATA_BYTES` bytes.
        ValueError: The number of payloads, alphas or qualities is not what it should
            be, or a quality is above 100.
    """
    check_readable(header)
    _check_count("tiles", len(payloads), header.tile_count)
    _check_count("alphas", len(alphas), header.tile_count * header.codes_alpha_apart)
    for rounds in payloads:
        _check_count("payloads of a tile", len(rounds), header.rounds)
    chunks = [("H", pack_fields(header))]
    # These at once after the header, so that no damage to metadata can hide them.
    if header.listed:
        chunks.append((CHANNELS, pack_list(header.listed)))
    if quality_map is not None:
        chunks.append((QUALITY_MAP, pack_quality_map(quality_map, header)))
    letter = payload_letter(header)
    chunks += [*pack_metadata(metadata), *_tile_chunks(payloads, alphas, letter)]
    return SIGNATURE + b"".join(pack_chunk(letter, data) for letter, data in chunks)


def parse_file(data: bytes, *, rounds: int | None = None) -> ImageFile:
    """Read all bytes of a file and check every checksum.

    Args:
        data: The file.
        rounds: How many rounds to read, or all. What comes after fewer rounds than the
            file has is not looked at, and may be missing.

    Raises:
        FormatError: The file is damaged, of another version, holds more than
            `max_pixels()` pixels, or something that this program does not read.
        ValueError: Less than one round is asked for.
    """
    file, chunks = walk_file(data, parse_chunk, rounds=rounds)
    alphas: list[bytes] = []
    payloads: list[bytes] = []
    for chunk in chunks:
        (alphas if chunk.type == ALPHA else payloads).append(chunk.data)
    tiles = by_tile(tuple(payloads), file.header.tile_count)
    return replace(file, payloads=tiles, alphas=tuple(alphas))


def walk_file(
    data: Bytes,
    look_at: Callable[[Bytes, int], AnyChunk],
    *,
    rounds: int | None = None,
) -> tuple[ImageFile, Iterator[AnyChunk]]:
    """Read what stands before the tiles, and look at the chunks of the tiles.

    Args:
        data: The file.
        look_at: Reads as much of the chunk at a position as is wanted.
        rounds: As for `parse_file`.

    Returns:
        The file without its tiles, and the chunks of these in their order, which raise
        as well.

    Raises:
        FormatError: The file breaks a rule, or this program does not read it.
        ValueError: Less than one round is asked for.
    """
    if rounds is not None and rounds < 1:
        raise ValueError(f"{rounds} rounds, expected at least 1")
    check_readable(parse_header(data))
    header, metadata, deflated, position = parse_beginning(data)
    quality_map = None if deflated is None else parse_quality_map(deflated, header)
    file = ImageFile(header, (), metadata=metadata, quality_map=quality_map)
    wanted = min(rounds or header.rounds, header.rounds)
    return file, _walk_tiles(data, position, header, look_at, wanted)


def binding(
    header: ImageHeader, quality_map: bytes | None, tile_number: int, alpha: bytes
) -> bytes:
    """What a payload is bound to: its file, its tile, the alpha beside it.

    Args:
        header: That of the file.
        quality_map: Its values, as in `ImageFile`, or None.
        tile_number: How many tiles come before this one, whatever the round.
        alpha: Data of the tile's alpha; empty without alpha.

    See FORMAT.md, section 5, at the end of Stack.
    """
    number = tile_number.to_bytes(4, "little")
    return pack_bound(header) + (quality_map or b"") + number + alpha


def payload_letter(header: ImageHeader) -> str:
    """Type of the chunks that hold the payloads of this file."""
    return LOSSLESS if header.is_lossless else SYMBOLS


def tile_letters(header: ImageHeader, rounds: int) -> str:
    """Types of the chunks of so many rounds, in their order."""
    later = payload_letter(header)
    first = ALPHA + later if header.codes_alpha_apart else later
    return header.tile_count * first + header.tile_count * (rounds - 1) * later


def by_tile(items: Sequence[Item], tile_count: int) -> tuple[Sequence[Item], ...]:
    """What belongs to each tile of items that stand round after round."""
    return tuple(items[number::tile_count] for number in range(tile_count))


def _tile_chunks(
    payloads: Sequence[Sequence[bytes]], alphas: Sequence[bytes], letter: str
) -> Iterator[tuple[str, bytes]]:
    """Type and data of each chunk of the tiles, in the order of the file."""
    for number, (first, *_) in enumerate(payloads):
        if alphas:
            yield ALPHA, alphas[number]
        yield letter, first
    for later in zip(*(rounds[1:] for rounds in payloads), strict=True):
        yield from ((letter, payload) for payload in later)


def _walk_tiles(
    data: Bytes,
    position: int,
    header: ImageHeader,
    look_at: Callable[[Bytes, int], AnyChunk],
    rounds: int,
) -> Iterator[AnyChunk]:
    for expected in tile_letters(header, rounds):
        chunk = look_at(data, position)
        _check_letter(chunk, expected)
        yield chunk
        position = chunk.end
    if rounds == header.rounds and position != len(data):
        raise FormatError(
            f"at byte {position}: {len(data) - position} bytes after the last tile"
        )


def _check_letter(chunk: Outline, expected: str) -> None:
    """Let only the chunks of tiles pass, in their order."""
    if (chunk.type, expected) == (LOSSLESS, SYMBOLS):
        raise unreadable(chunk)
    if chunk.type != expected:
        raise FormatError(
            f"at byte {chunk.start}: chunk '{chunk.type}' among the tiles, "
            f"where '{expected}' must stand"
        )


def _check_count(name: str, count: int, expected: int) -> None:
    if count != expected:
        raise ValueError(f"{count} {name}, expected {expected}")
