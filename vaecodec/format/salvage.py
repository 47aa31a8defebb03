"""What is undamaged of a damaged file, tile by tile.

In: all bytes of a file whose header is whole. Out: what `parse_file` returns, except
that a damaged tile raises when it is read; and what is wrong besides. Where a chunk
begins is known from the front, as far as every chunk is whole, and from the back, since
nothing follows the last tile: chunks that hang together up to the last byte are the
last ones. So a damaged length costs the tile that has it, and a file that is cut off
the tiles that are not there. Specification: FORMAT.md, sections 2 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from vaecodec.errors import FormatError
from vaecodec.format.chunks import outline_chunk, parse_chunk
from vaecodec.format.container import (
    ImageFile,
    check_may_be_skipped,
    parse_header_chunk,
)
from vaecodec.format.header import parse_fields
from vaecodec.format.metadata import FIELDS, Metadata, parse_metadata
from vaecodec.format.parts import Parts
from vaecodec.format.pixel_limit import check_pixels

_TILE_LETTER = re.compile(b"[AT]")
Part = bytes | str  # the data of a chunk, or why there is none


def salvage_file(data: bytes) -> tuple[ImageFile, list[str]]:
    """Find what is whole.

    Returns:
        The file, whose payloads and alphas raise FormatError where they are damaged;
        and what is damaged beside the tiles.

    Raises:
        FormatError: The header is damaged, or the file is none for this program.
    """
    chunk = parse_header_chunk(data)
    header = parse_fields(chunk.data)
    check_pixels(header.width, header.height, error=FormatError)
    kinds = header.tile_count * ("AT" if header.has_alpha else "T")
    metadata, position, problems = _salvage_beginning(data, chunk.end)
    parts: list[Part] = []
    end = chunk.end
    if not problems:
        parts, end = _parts_from_front(data, position, kinds)
    if len(parts) < len(kinds):
        parts += _parts_from_back(data, end, kinds[len(parts) :])
    elif end < len(data):
        problems.append(f"at byte {end}: {len(data) - end} bytes after the last tile")
    readers = [_reader(part) for part in parts]
    step = 1 + header.has_alpha
    alphas = Parts(readers[::step] if header.has_alpha else [])
    payloads = Parts(readers[step - 1 :: step])
    return ImageFile(header, payloads, alphas, metadata), problems


def _reader(part: Part) -> Callable[[], bytes]:
    def read() -> bytes:
        if isinstance(part, str):
            raise FormatError(part)
        return part

    return read


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
    reason = f"at byte {start}: damaged, or the file ends too early"
    parts: list[Part] = [reason] * (len(kinds) - len(places))
    for place in places:
        try:
            parts.append(parse_chunk(data, place).data)
        except FormatError as error:
            parts.append(str(error))
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
