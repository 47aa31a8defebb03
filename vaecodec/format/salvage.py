"""What is undamaged of a damaged file, tile by tile.

In: all bytes of a file whose header is whole. Out: what `parse_file` returns, with
holes, and what is wrong. Where a chunk begins is known from the front, as far as every
chunk is whole, and from the back, since nothing follows the last tile: chunks that hang
together up to the last byte are the last ones. So a damaged length costs the tile that
has it, and a file that is cut off the tiles that are not there.
Specification: FORMAT.md, sections 2 and 4.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vaecodec.errors import FormatError
from vaecodec.format.chunks import outline_chunk, parse_chunk
from vaecodec.format.container import (
    ImageFile,
    check_may_be_skipped,
    parse_file,
    parse_header_chunk,
)
from vaecodec.format.header import ImageHeader, parse_fields
from vaecodec.format.metadata import FIELDS, Metadata, parse_metadata
from vaecodec.format.pixel_limit import check_pixels

_TILE_LETTER = re.compile(b"[AT]")
Part = bytes | FormatError  # the data of a chunk, or why there is none


class Salvage(NamedTuple):
    """What is whole, and what is not.

    Attributes:
        file: has empty payloads and alphas where tiles are damaged.
        damaged: what is wrong with the damaged tiles, by number.
        problems: what else is wrong. Nothing is, here or there, if and only if
            `parse_file` reads the file.
    """

    file: ImageFile
    damaged: dict[int, str]
    problems: list[str]


def salvage_file(data: bytes) -> Salvage:
    """Find what is whole.

    Raises:
        FormatError: The header is damaged, or the file is none for this program.
    """
    chunk = parse_header_chunk(data)
    header = parse_fields(chunk.data)
    check_pixels(header.width, header.height, error=FormatError)
    kinds = header.tile_count * ("AT" if header.has_alpha else "T")
    metadata, position, problems = _salvage_beginning(data, chunk.end)
    parts: list[Part] = []
    if problems:  # A length may have lied, so where tiles begin is known from the back.
        position = chunk.end
    else:
        parts, position = _parts_from_front(data, position, kinds)
    parts += _parts_from_back(data, position, kinds[len(parts) :])
    file, damaged = _with_holes(header, parts, metadata)
    if not damaged and not problems:
        try:
            parse_file(data)
        except FormatError as error:
            problems.append(str(error))
    return Salvage(file, damaged, problems)


def _with_holes(
    header: ImageHeader, parts: list[Part], metadata: Metadata
) -> tuple[ImageFile, dict[int, str]]:
    step = 1 + header.has_alpha
    damaged: dict[int, str] = {}
    payloads, alphas = [b""] * header.tile_count, [b""] * header.tile_count
    for number in range(header.tile_count):
        tile = parts[step * number : step * (number + 1)]
        whole = [part for part in tile if isinstance(part, bytes)]
        if len(whole) == step:
            alphas[number], payloads[number] = whole[0], whole[-1]
        else:
            damaged[number] = next(str(part) for part in tile if part not in whole)
    kept = alphas if header.has_alpha else []
    return ImageFile(header, payloads, kept, metadata), damaged


def _salvage_beginning(data: bytes, position: int) -> tuple[Metadata, int, list[str]]:
    """Metadata that is whole, where the tiles seem to begin, and what is damaged."""
    found: dict[str, bytes] = {}
    problems: list[str] = []
    while data[position : position + 1] not in (b"A", b"T", b""):
        try:
            chunk = parse_chunk(data, position)
        except FormatError as error:
            problems.append(str(error))
            position = _believed_end(data, position)
            continue
        if chunk.type in FIELDS and chunk.type not in found:
            found[chunk.type] = chunk.data
        else:
            check_may_be_skipped(chunk)
        position = chunk.end
    return parse_metadata(found), position, problems


def _believed_end(data: bytes, position: int) -> int:
    """Where a chunk ends if its length is right; behind the file if it cannot be."""
    try:
        return outline_chunk(data, position).end
    except FormatError:
        return len(data) + 1


def _parts_from_front(data: bytes, position: int, kinds: str) -> tuple[list[Part], int]:
    """The first chunks of tiles, up to damage, and where they end."""
    parts: list[Part] = []
    for kind in kinds:
        try:
            chunk = parse_chunk(data, position)
        except FormatError:
            break
        if chunk.type != kind:
            break
        parts.append(chunk.data)
        position = chunk.end
    return parts, position


def _parts_from_back(data: bytes, start: int, kinds: str) -> list[Part]:
    """As many parts as there are kinds; the first ones may be missing."""
    places = _chunks_up_to_the_end(data, start, kinds)
    missing = FormatError(f"at byte {start}: damaged, or the file ends too early")
    parts: list[Part] = [missing] * (len(kinds) - len(places))
    for place in places:
        try:
            parts.append(parse_chunk(data, place).data)
        except FormatError as error:
            parts.append(error)
    return parts


def _chunks_up_to_the_end(data: bytes, start: int, kinds: str) -> list[int]:
    """Where the last chunks begin: the most that hang together and have these kinds."""
    following = {len(data): 0}  # place of a chunk -> chunks from there to the end
    ends: dict[int, int] = {}
    first = len(data)
    for match in reversed(list(_TILE_LETTER.finditer(data, start))):
        place, kind = match.start(), match[0].decode()
        end = _believed_end(data, place)
        count = following.get(end, len(kinds))
        if count < len(kinds) and kinds[-1 - count] == kind:
            following[place], ends[place] = count + 1, end
            first = max(first, place, key=following.__getitem__)
    places = []
    while first < len(data):
        places.append(first)
        first = ends[first]
    return places
