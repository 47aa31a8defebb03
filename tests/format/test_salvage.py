from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from tests.format.small_file import (
    ALPHAS,
    FILE,
    FULL_FILE,
    FULL_PAYLOADS,
    HEADER,
    HEADER_CHUNK,
    PAYLOADS,
    QUALITY_MAP,
    TILE_CHUNKS,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import pack_file, parse_file, salvage
from vaecodec.format.chunks import Outline, outline_chunk, pack_chunk, parse_chunk
from vaecodec.format.header import pack_fields
from vaecodec.format.salvage import salvage_file

FIRST_TILE = 4  # chunks of FULL_FILE between the header and the tiles


def payloads_of(data: bytes) -> list[tuple[bytes, ...]]:
    """The whole payloads of each tile."""
    file, damaged, _ = salvage_file(data)
    payloads = [*map(tuple, file.payloads)]
    few = {n for n, tile in enumerate(payloads) if len(tile) < file.header.rounds}
    assert few == set(damaged)
    assert all(len(payloads[n]) == damaged[n].rounds for n in damaged)
    return payloads


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
    as_parsed = replace(
        file, payloads=tuple(map(tuple, file.payloads)), alphas=tuple(file.alphas)
    )
    assert as_parsed == expected


@pytest.mark.parametrize("mask", [1, 0x80, 0xFF])
def test_one_damaged_byte_of_a_tile_costs_that_tile_at_most(mask: int) -> None:
    starts = [*places(FILE), len(FILE)]
    for number, start in enumerate(starts[:-1]):
        for position in range(start, starts[number + 1]):
            found = payloads_of(flipped(FILE, position, mask))
            assert found == [*PAYLOADS[:number], (), *PAYLOADS[number + 1 :]]


def test_a_tile_is_lost_with_its_alpha() -> None:
    for place, start in enumerate(places(FULL_FILE)[FIRST_TILE:-6]):
        number = place // 2
        for position in (start, start + 1, parse_chunk(FULL_FILE, start).end - 1):
            data = flipped(FULL_FILE, position)
            expected = [*FULL_PAYLOADS[:number], (), *FULL_PAYLOADS[number + 1 :]]
            assert payloads_of(data) == expected
            alphas = [*salvage_file(data).file.alphas]
            assert alphas == [*ALPHAS[:number], b"", *ALPHAS[number + 1 :]]


@pytest.mark.parametrize("mask", [1, 0x80, 0xFF])
def test_damage_to_a_later_round_leaves_the_earlier_ones(mask: int) -> None:
    starts = [*places(FULL_FILE), len(FULL_FILE)][-7:]
    for number, start in enumerate(starts[:-1]):
        for position in range(start, starts[number + 1]):
            found = payloads_of(flipped(FULL_FILE, position, mask))
            before, after = FULL_PAYLOADS[:number], FULL_PAYLOADS[number + 1 :]
            assert found == [*before, PAYLOADS[number], *after]
            assert [*salvage_file(FULL_FILE).file.alphas] == [*ALPHAS]


def test_a_later_round_is_of_no_use_without_the_earlier_ones() -> None:
    header = replace(HEADER, rounds=3)
    data = pack_file(header, [(b"1", b"2", b"3")] * 6)
    starts = places(data)
    for chunk, rounds in ((4, 0), (10, 1), (16, 2)):
        file, damaged, _ = salvage_file(flipped(data, starts[chunk] + 2))
        assert {number: damage.rounds for number, damage in damaged.items()} == {
            4: rounds
        }
        assert [*file.payloads[4]] == [b"1", b"2", b"3"][:rounds]
        assert "chunk 'T' is damaged" in damaged[4].reason


def test_a_download_that_was_cut_off_has_its_first_rounds() -> None:
    starts = [*places(FULL_FILE), len(FULL_FILE)]
    for length in range(starts[FIRST_TILE], len(FULL_FILE)):
        kept = sum(end <= length for end in starts[FIRST_TILE + 1 :])
        seen, better = min(kept // 2, 6), max(kept - 12, 0)
        expected = [*FULL_PAYLOADS[:better], *PAYLOADS[better:seen], *[()] * (6 - seen)]
        assert payloads_of(FULL_FILE[:length]) == expected


def test_a_file_that_is_cut_off_has_its_first_tiles() -> None:
    starts = [*places(FILE), len(FILE)]
    for length in range(starts[0], len(FILE)):
        kept = sum(end <= length for end in starts[1:])
        found = payloads_of(FILE[:length])
        assert found == [*PAYLOADS[:kept], *[()] * (len(PAYLOADS) - kept)]


def test_several_damages_cost_what_lies_between_their_lengths() -> None:
    starts = places(FILE)
    data = flipped(flipped(FILE, starts[1] + 1, 0x80), starts[3] + 1, 0x80)
    assert payloads_of(data) == [PAYLOADS[0], (), (), (), *PAYLOADS[4:]]
    data = flipped(flipped(FILE, starts[0] + 3), starts[4] + 9)
    assert payloads_of(data) == [(), *PAYLOADS[1:4], (), PAYLOADS[5]]


@pytest.mark.parametrize("kind", ["icc_profile", "exif", "xmp"])
def test_damaged_metadata_costs_itself(kind: str) -> None:
    start = places(FULL_FILE)[["", "icc_profile", "exif", "xmp"].index(kind)]
    for position in range(start, parse_chunk(FULL_FILE, start).end):
        data = flipped(FULL_FILE, position)
        assert payloads_of(data) == [*FULL_PAYLOADS]
        file, _, problems = salvage_file(data)
        assert problems
        assert file.quality_map == QUALITY_MAP
        assert getattr(file.metadata, kind) is None
    file, _, [problem] = salvage_file(flipped(FULL_FILE, start + 4))
    assert "is damaged" in problem
    kept = [value for value in vars(file.metadata).values() if value is not None]
    assert len(kept) == 2


def test_a_damaged_quality_map_costs_everything_and_says_so() -> None:
    start = places(FULL_FILE)[0]
    for position in range(start + 1, parse_chunk(FULL_FILE, start).end):
        with pytest.raises(FormatError, match=r"without the quality map: .*'Q'"):
            salvage_file(flipped(FULL_FILE, position))


def test_what_stands_behind_the_last_tile_is_named() -> None:
    assert payloads_of(FILE + b"more") == [*PAYLOADS]
    [problem] = salvage_file(FILE + b"more").problems
    assert problem == f"at byte {len(FILE)}: 4 bytes after the last tile"


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
    assert payloads_of(between) == [*PAYLOADS]
    [problem] = salvage_file(between).problems
    assert "chunk 'q' among the tiles" in problem


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FILE[:20],
        flipped(FILE, 12),
        join(HEADER_CHUNK, pack_chunk("B", b""), *TILE_CHUNKS),
        join(HEADER_CHUNK, pack_chunk("Q", b""), *TILE_CHUNKS),
        join(HEADER_CHUNK, HEADER_CHUNK, *TILE_CHUNKS),
        join(HEADER_CHUNK, pack_chunk("e", b"no zlib stream"), *TILE_CHUNKS),
        join(pack_chunk("H", pack_fields(replace(HEADER, width=1 << 20, height=300)))),
    ],
    ids=["empty", "cut", "header", "unknown", "map", "twice", "lie", "huge"],
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
    header = replace(HEADER, width=16384, height=16384, rounds=3)
    # Each letter begins a chunk that ends where others do.
    data = join(pack_chunk("H", pack_fields(header)), b"T\x04" * 5000, b"T\x7f" * 100)
    assert len(salvage_file(data).damaged) == 65536
    assert len(looks) <= len(data)
