from __future__ import annotations

import io
from dataclasses import replace

import pytest

from benchmarks.counted_file import CountedFile
from tests.format.small_file import (
    ALPHAS,
    FILE,
    FIRST_ROUND,
    FULL_FILE,
    HEADER,
    HEADER_CHUNK,
    METADATA,
    PAYLOADS,
    SECOND_ROUND,
    TILE_CHUNKS,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import pack_file, parse_file
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.file_bytes import FileBytes
from vaecodec.format.header import pack_fields
from vaecodec.format.tile_index import index_file


@pytest.mark.parametrize("whole", [FILE, FULL_FILE], ids=["plain", "full"])
def test_an_index_reads_what_parsing_reads(whole: bytes) -> None:
    for data in (whole, FileBytes(io.BytesIO(whole))):
        file, parsed = index_file(data), parse_file(whole)
        assert (file.header, file.metadata) == (parsed.header, parsed.metadata)
        assert file.quality_map == parsed.quality_map
        assert tuple(map(tuple, file.payloads)) == parsed.payloads
        assert tuple(file.alphas) == parsed.alphas


def test_tiles_and_rounds_can_be_picked_in_any_order() -> None:
    file = index_file(FileBytes(io.BytesIO(FULL_FILE)))
    for number in (4, 0, -1):
        tile = file.payloads[number]
        assert [tile[1], tile[0]] == [SECOND_ROUND[number], FIRST_ROUND[number]]
        assert (*tile[1:],) == (SECOND_ROUND[number],)
    assert file.alphas[1] == ALPHAS[1]
    assert tuple(file.alphas[1:5:2]) == ALPHAS[1:5:2]
    with pytest.raises(IndexError):
        file.payloads[len(PAYLOADS)]
    with pytest.raises(IndexError):
        file.payloads[0][2]


def test_a_prefix_can_be_indexed_when_few_rounds_are_asked_for() -> None:
    end = FULL_FILE.index(pack_chunk("T", SECOND_ROUND[0]))
    for data in (FULL_FILE, FULL_FILE[:end], FULL_FILE[:end] + b"no chunk"):
        file = index_file(FileBytes(io.BytesIO(data)), rounds=1)
        assert tuple(map(tuple, file.payloads)) == PAYLOADS
        assert tuple(file.alphas) == ALPHAS
    with pytest.raises(FormatError):
        index_file(FULL_FILE[: end - 1], rounds=1)
    with pytest.raises(ValueError, match="0 rounds"):
        index_file(FULL_FILE, rounds=0)


def test_only_the_chunks_asked_for_are_read() -> None:
    header = replace(HEADER, width=640, height=640, channels=4, rounds=2)
    first = [bytes([number + 1]) * 1000 for number in range(100)]
    second = [bytes([number + 101]) * 1000 for number in range(100)]
    payloads = [*zip(first, second, strict=True)]
    alphas = [b"alpha" * 100] * 100
    data = pack_file(header, payloads, alphas=alphas, metadata=METADATA)
    counted = CountedFile(data)
    file = index_file(FileBytes(counted))
    assert counted.count < 300 * 7 + 300
    before = counted.count
    assert file.payloads[57][1] == second[57]
    assert counted.count - before < 1000 + 20


def test_damage_is_noticed_in_the_tile_that_is_read() -> None:
    place = FILE.index(FIRST_ROUND[2])
    file = index_file(FILE[:place] + b"!" + FILE[place + 1 :])
    assert tuple(file.payloads[1]) == PAYLOADS[1]
    with pytest.raises(FormatError, match=r"chunk 'T' is damaged"):
        file.payloads[2][0]


@pytest.mark.parametrize("whole", [FILE, FULL_FILE], ids=["plain", "full"])
def test_who_reads_all_tiles_notices_every_change(whole: bytes) -> None:
    for position in range(len(whole)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[position] ^= mask
            with pytest.raises(FormatError):
                read_all(bytes(damaged))


@pytest.mark.parametrize("whole", [FILE, FULL_FILE], ids=["plain", "full"])
def test_a_file_of_another_length_is_refused_at_once(whole: bytes) -> None:
    for length in range(len(whole)):
        with pytest.raises(FormatError):
            index_file(whole[:length])
    with pytest.raises(FormatError, match="1 bytes after the last tile"):
        index_file(whole + b"\0")


@pytest.mark.parametrize(
    "data",
    [
        join(HEADER_CHUNK, *TILE_CHUNKS[:3], HEADER_CHUNK, *TILE_CHUNKS[3:]),
        join(HEADER_CHUNK, *TILE_CHUNKS[:3], pack_chunk("A", b""), *TILE_CHUNKS[3:]),
        join(HEADER_CHUNK, pack_chunk("Q", b""), *TILE_CHUNKS),
        join(HEADER_CHUNK, *TILE_CHUNKS, *TILE_CHUNKS[:1]),
        FULL_FILE.replace(pack_chunk("A", b"alpha"), b""),
    ],
)
def test_a_broken_rule_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(FormatError):
        index_file(data)


def test_an_image_of_too_many_pixels_is_refused_at_once() -> None:
    header = replace(HEADER, width=1 << 20, height=1 << 20)
    with pytest.raises(FormatError, match="more than the"):
        index_file(join(pack_chunk("H", pack_fields(header))))


def read_all(data: bytes) -> None:
    file = index_file(data)
    assert [*map(tuple, file.payloads), *file.alphas]
