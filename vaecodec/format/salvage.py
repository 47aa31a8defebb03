"""What is undamaged of a damaged file, tile by tile and round by round.

In: all bytes of a file whose header is whole. Out: what `parse_file` returns, with
holes, and what is wrong. Where a chunk begins is known from the front, as far as every
chunk is whole, and from the back, since nothing follows the last tile: chunks that hang
together up to the last byte are the last ones. So a damaged length costs the payload
that has it, and a file that is cut off the payloads that are not there.

The payloads of a tile build on those of the rounds before, so of each tile the rounds
before the first damaged one are kept.
Specification: FORMAT.md, sections 2 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vaecodec.errors import FormatError
from vaecodec.format.beginning import (
    LOSSLESS,
    SYMBOLS,
    TILE_LETTERS,
    Beginning,
    at_tiles,
    beginning_of,
    check_readable,
    keep_known,
    parse_header,
    parse_header_chunks,
    unreadable,
)
from vaecodec.format.chunks import outline_chunk, parse_chunk
from vaecodec.format.container import ImageFile, by_tile, parse_file, tile_letters
from vaecodec.format.header import ImageHeader
from vaecodec.format.quality_map import LETTER as QUALITY_MAP
from vaecodec.format.quality_map import parse_quality_map

_TILE_LETTER = re.compile(b"[%s]" % "".join(TILE_LETTERS).encode())
Part = bytes | FormatError  # the data of a chunk, or why there is none


class TileDamage(NamedTuple):
    """What is wrong with a tile.

    Attributes:
        rounds: How many of its rounds, from the first, are whole; if 0, none of it can
            be seen.
        reason: What is wrong with the next round, or with its alpha, in words.
    """

    rounds: int
    reason: str


class Salvage(NamedTuple):
    """What is whole, and what is not.

    Attributes:
        file: Has only the whole rounds of damaged tiles, and empty alphas where there
            is none of them.
        damaged: What is wrong with the damaged tiles, by number.
        problems: What else is wrong. Nothing is, here or there, if and only if
            `parse_file` reads the file.
    """

    file: ImageFile
    damaged: dict[int, TileDamage]
    problems: list[str]


def salvage_file(data: bytes) -> Salvage:
    """Find what is whole.

    Raises:
        FormatError: The header or the quality map is damaged, or the file is none for
            this program.
    """
    check_readable(parse_header(data))
    beginning, problems = _salvage_beginning(data)
    parts = _salvage_parts(data, beginning, from_front=not problems)
    file, damaged = _with_holes(beginning, parts)
    if not damaged and not problems:
        try:
            parse_file(data)
        except FormatError as error:
            problems.append(str(error))
    return Salvage(file, damaged, problems)


def _salvage_parts(
    data: bytes, beginning: Beginning, *, from_front: bool
) -> list[Part]:
    """The parts of all tiles, in the order of the file."""
    letters = tile_letters(beginning.header, beginning.header.rounds)
    parts: list[Part] = []
    position = beginning.end
    if from_front:
        parts, position = _parts_from_front(data, position, letters)
    return parts + _parts_from_back(data, position, letters[len(parts) :])


def _with_holes(
    beginning: Beginning, parts: Sequence[Part]
) -> tuple[ImageFile, dict[int, TileDamage]]:
    header, deflated = beginning.header, beginning.quality_map
    payloads: list[Sequence[bytes]] = []
    alphas: list[bytes] = []
    damaged: dict[int, TileDamage] = {}
    for number, tile in enumerate(_parts_by_tile(header, parts)):
        whole = _leading_bytes(tile)
        payloads.append(whole[header.codes_alpha_apart :])
        alphas += [whole[0] if payloads[-1] else b""] * header.codes_alpha_apart
        if len(whole) < len(tile):
            damaged[number] = TileDamage(len(payloads[-1]), str(tile[len(whole)]))
    quality_map = None if deflated is None else parse_quality_map(deflated, header)
    file = ImageFile(header, payloads, alphas, beginning.metadata, quality_map)
    return file, damaged


def _parts_by_tile(
    header: ImageHeader, parts: Sequence[Part]
) -> Iterator[Sequence[Part]]:
    """For each tile its alpha, if it has a chunk of its own, and its payloads."""
    step = 1 + header.codes_alpha_apart
    later = by_tile(parts[step * header.tile_count :], header.tile_count)
    for number, others in enumerate(later):
        yield [*parts[step * number : step * (number + 1)], *others]


def _leading_bytes(parts: Sequence[Part]) -> list[bytes]:
    """What comes before the first damage."""
    whole: list[bytes] = []
    for part in parts:
        if isinstance(part, FormatError):
            break
        whole.append(part)
    return whole


def _salvage_beginning(data: bytes) -> tuple[Beginning, list[str]]:
    """What is whole before the tiles, and what is not.

    A damaged length may lie about where the tiles begin. Then the end of the header is
    given as the end of the beginning: they are somewhere after it.
    """
    found, position = parse_header_chunks(data)
    start = position
    problems: list[str] = []
    while position < len(data) and not at_tiles(data, position):
        try:
            chunk = parse_chunk(data, position)
        except FormatError as error:
            _check_not_needed(data, position, error)
            problems.append(str(error))
            position = _believed_end(data, position)
            continue
        keep_known(chunk, found)
        position = chunk.end
    return beginning_of(found, start if problems else position), problems


def _check_not_needed(data: bytes, position: int, error: FormatError) -> None:
    """Give up when a damaged chunk is one that all payloads are bound to."""
    if data[position : position + 1] == QUALITY_MAP.encode():
        raise FormatError(f"no tile can be decoded without the quality map: {error}")


def _believed_end(data: bytes, position: int) -> int:
    """Where a chunk ends if its length is right; behind the file if it cannot be."""
    try:
        return outline_chunk(data, position).end
    except FormatError:
        return len(data) + 1


def _parts_from_front(
    data: bytes, position: int, letters: str
) -> tuple[list[Part], int]:
    """The first chunks of tiles, up to damage, and where they end."""
    parts: list[Part] = []
    for letter in letters:
        try:
            chunk = parse_chunk(data, position)
        except FormatError:
            break
        if (chunk.type, letter) == (LOSSLESS, SYMBOLS):
            raise unreadable(chunk)
        if chunk.type != letter:
            break
        parts.append(chunk.data)
        position = chunk.end
    return parts, position


def _parts_from_back(data: bytes, start: int, letters: str) -> list[Part]:
    """As many parts as there are letters; the first ones may be missing."""
    places = _chunks_up_to_the_end(data, start, letters)
    missing = FormatError(f"at byte {start}: damaged, or the file ends too early")
    parts: list[Part] = [missing] * (len(letters) - len(places))
    for place in places:
        try:
            parts.append(parse_chunk(data, place).data)
        except FormatError as error:
            parts.append(error)
    return parts


def _chunks_up_to_the_end(data: bytes, start: int, letters: str) -> list[int]:
    """Where the last chunks begin: the most that hang together and have these types."""
    following = {len(data): 0}  # place of a chunk -> chunks from there to the end
    ends: dict[int, int] = {}
    first = len(data)
    for match in reversed(list(_TILE_LETTER.finditer(data, start))):
        place, kind = match.start(), match[0].decode()
        end = _believed_end(data, place)
        count = following.get(end, len(letters))
        if count < len(letters) and letters[-1 - count] == kind:
            following[place], ends[place] = count + 1, end
            first = max(first, place, key=following.__getitem__)
    places = []
    while first < len(data):
        places.append(first)
        first = ends[first]
    return places
