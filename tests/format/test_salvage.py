from __future__ import annotations

import contextlib

import pytest

from tests.format.small_file import (
    ALPHAS,
    FILE,
    FULL_FILE,
    HEADER_CHUNK,
    PAYLOADS,
    TILE_CHUNKS,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import ImageHeader, parse_file, salvage
from vaecodec.format.chunks import Outline, outline_chunk, pack_chunk, parse_chunk
from vaecodec.format.header import pack_fields
from vaecodec.format.salvage import salvage_file


def payloads_of(data: bytes) -> list[bytes | None]:
    """Payloads, None for those of damaged tiles."""
    file, damaged, _ = salvage_file(data)
    return [
        None if number in damaged else payload
        for number, payload in enumerate(file.payloads)
    ]


def flipped(data: bytes, position: int, mask: int = 1) -> bytes:
    return data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


def places(data: bytes) -> list[int]:
    """Where the chunks after the header begin."""
    starts, position = [], parse_chunk(data, 8).end
    while position < len(data):
        starts.append(position)
        position = parse_chunk(data, position).end
    return starts


@pytest.mark.parametrize("data", [FILE, FULL_FILE], ids=["plain", "full"])
def test_all_of_a_whole_file_is_whole(data: bytes) -> None:
    file, damaged, problems = salvage_file(data)
    expected = parse_file(data)
    assert (damaged, problems) == ({}, [])
    assert tuple(file.payloads) == expected.payloads
    assert tuple(file.alphas) == expected.alphas
    assert (file.header, file.metadata) == (expected.header, expected.metadata)


@pytest.mark.parametrize("mask", [1, 0x80, 0xFF])
def test_one_damaged_byte_of_a_tile_costs_that_tile_at_most(mask: int) -> None:
    starts = [*places(FILE), len(FILE)]
    for number, start in enumerate(starts[:-1]):
        for position in range(start, starts[number + 1]):
            found = payloads_of(flipped(FILE, position, mask))
            lost = [place for place, data in enumerate(found) if data is None]
            assert lost == [number]
            assert [data for data in found if data is not None] == [
                data for place, data in enumerate(PAYLOADS) if place != number
            ]


def test_a_tile_is_lost_with_its_alpha() -> None:
    chunks = places(FULL_FILE)[3:]
    for place, start in enumerate(chunks):
        number = place // 2
        for position in (start, start + 1, parse_chunk(FULL_FILE, start).end - 1):
            file, damaged, _ = salvage_file(flipped(FULL_FILE, position))
            assert list(damaged) == [number]
            for found, parts in ((file.alphas, ALPHAS), (file.payloads, PAYLOADS)):
                assert list(found) == [*parts[:number], b"", *parts[number + 1 :]]


def test_a_file_that_is_cut_off_has_its_first_tiles() -> None:
    starts = [*places(FILE), len(FILE)]
    for length in range(starts[0], len(FILE)):
        kept = sum(end <= length for end in starts[1:])
        found = payloads_of(FILE[:length])
        assert found == [*PAYLOADS[:kept], *[None] * (len(PAYLOADS) - kept)]


def test_several_damages_cost_what_lies_between_their_lengths() -> None:
    starts = places(FILE)
    data = flipped(flipped(FILE, starts[1] + 1, 0x80), starts[3] + 1, 0x80)
    assert payloads_of(data) == [PAYLOADS[0], None, None, None, *PAYLOADS[4:]]
    data = flipped(flipped(FILE, starts[0] + 3), starts[4] + 9)
    assert payloads_of(data) == [None, *PAYLOADS[1:4], None, PAYLOADS[5]]


@pytest.mark.parametrize("kind", ["icc_profile", "exif", "xmp"])
def test_damaged_metadata_costs_itself(kind: str) -> None:
    start = places(FULL_FILE)[["icc_profile", "exif", "xmp"].index(kind)]
    for position in range(start, parse_chunk(FULL_FILE, start).end):
        file, damaged, problems = salvage_file(flipped(FULL_FILE, position))
        assert (tuple(file.payloads), damaged) == (PAYLOADS, {})
        assert problems
        assert getattr(file.metadata, kind) is None
    file, _, [problem] = salvage_file(flipped(FULL_FILE, start + 4))
    assert "is damaged" in problem
    kept = [value for value in vars(file.metadata).values() if value is not None]
    assert len(kept) == 2


def test_what_stands_behind_the_last_tile_is_named() -> None:
    file, _, [problem] = salvage_file(FILE + b"more")
    assert problem == f"at byte {len(FILE)}: 4 bytes after the last tile"
    assert tuple(file.payloads) == PAYLOADS


def test_every_damage_is_found_that_parsing_finds() -> None:
    found = 0
    for position in range(len(FULL_FILE)):
        with contextlib.suppress(FormatError):
            _, damaged, problems = salvage_file(flipped(FULL_FILE, position))
            assert damaged or problems
            found += 1
    assert found > 0.8 * len(FULL_FILE)


def test_chunks_where_none_may_stand_are_a_problem_of_a_file_with_all_its_tiles() -> (
    None
):
    between = join(
        HEADER_CHUNK, *TILE_CHUNKS[:2], pack_chunk("q", b""), *TILE_CHUNKS[2:]
    )
    file, damaged, [problem] = salvage_file(between)
    assert (tuple(file.payloads), damaged) == (PAYLOADS, {})
    assert "chunk 'q' among the tiles" in problem


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FILE[:20],
        flipped(FILE, 12),
        join(HEADER_CHUNK, pack_chunk("Q", b""), *TILE_CHUNKS),
        join(HEADER_CHUNK, HEADER_CHUNK, *TILE_CHUNKS),
        join(HEADER_CHUNK, pack_chunk("e", b"no zlib stream"), *TILE_CHUNKS),
        join(
            pack_chunk("H", pack_fields(ImageHeader(1 << 20, 300, 3, 50, 10, b"8" * 8)))
        ),
    ],
    ids=["empty", "cut", "header", "unknown", "twice", "lie", "huge"],
)
def test_without_a_header_and_in_files_of_later_programs_nothing_is_saved(
    data: bytes,
) -> None:
    with pytest.raises(FormatError):
        salvage_file(data)


def test_a_file_made_to_be_searched_for_long_is_searched_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []

    def counted(data: bytes, position: int) -> Outline:
        looks.append(position)
        return outline_chunk(data, position)

    monkeypatch.setattr(salvage, "outline_chunk", counted)
    header = ImageHeader(16384, 16384, 3, 50, 6, bytes(8))
    # Each letter begins a chunk that ends where others do.
    data = join(pack_chunk("H", pack_fields(header)), b"T\x04" * 5000, b"T\x7f" * 100)
    assert len(salvage_file(data).damaged) == 65536
    assert len(looks) <= len(data)
