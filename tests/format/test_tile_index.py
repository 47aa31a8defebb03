from __future__ import annotations

import io

import pytest

from benchmarks.counted_file import CountedFile
from tests.format.small_file import (
    ALPHAS,
    FILE,
    FULL_FILE,
    HEADER_CHUNK,
    METADATA,
    PAYLOADS,
    TILE_CHUNKS,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import ImageHeader, pack_file, parse_file
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.file_bytes import FileBytes
from vaecodec.format.header import pack_fields
from vaecodec.format.tile_index import index_file


@pytest.mark.parametrize("whole", [FILE, FULL_FILE], ids=["plain", "full"])
def test_an_index_reads_what_parsing_reads(whole: bytes) -> None:
    for data in (whole, FileBytes(io.BytesIO(whole))):
        file, parsed = index_file(data), parse_file(whole)
        assert (file.header, file.metadata) == (parsed.header, parsed.metadata)
        assert tuple(file.payloads) == parsed.payloads
        assert tuple(file.alphas) == parsed.alphas


def test_tiles_can_be_picked_in_any_order() -> None:
    file = index_file(FileBytes(io.BytesIO(FULL_FILE)))
    assert [file.payloads[number] for number in (4, 0, -1)] == [
        PAYLOADS[number] for number in (4, 0, -1)
    ]
    assert tuple(file.payloads[1:5:2]) == PAYLOADS[1:5:2]
    assert file.alphas[1] == ALPHAS[1]
    with pytest.raises(IndexError):
        file.payloads[len(PAYLOADS)]


def test_only_the_chunks_asked_for_are_read() -> None:
    header = ImageHeader(640, 640, 4, 50, 6, bytes(8))
    payloads = [bytes([number + 1]) * 1000 for number in range(100)]
    alphas = [b"alpha" * 100] * 100
    data = pack_file(header, payloads, alphas=alphas, metadata=METADATA)
    counted = CountedFile(data)
    file = index_file(FileBytes(counted))
    assert counted.count < 200 * 7 + 200
    before = counted.count
    assert file.payloads[57] == payloads[57]
    assert counted.count - before < 1000 + 20


def test_damage_is_noticed_in_the_tile_that_is_read() -> None:
    place = FILE.index(PAYLOADS[2])
    file = index_file(FILE[:place] + b"!" + FILE[place + 1 :])
    assert file.payloads[1] == PAYLOADS[1]
    with pytest.raises(FormatError, match=r"chunk 'T' is damaged"):
        file.payloads[2]


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
    header = ImageHeader(1 << 20, 1 << 20, 3, 50, 10, bytes(8))
    with pytest.raises(FormatError, match="more than the"):
        index_file(join(pack_chunk("H", pack_fields(header))))


def read_all(data: bytes) -> None:
    file = index_file(data)
    assert [*file.payloads, *file.alphas]
