from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.format.small_file import (
    ALPHAS,
    FILE,
    FULL_FILE,
    FULL_HEADER,
    HEADER,
    HEADER_CHUNK,
    PAYLOADS,
    SIGNATURE,
    TILE_CHUNKS,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import parse_file, parse_header
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.header import pack_fields
from vaecodec.format.salvage import salvage_file
from vaecodec.format.tile_index import index_file

whole_files = pytest.mark.parametrize("file", [FILE, FULL_FILE], ids=["plain", "full"])


@whole_files
def test_every_change_of_one_byte_is_refused(file: bytes) -> None:
    for position in range(len(file)):
        for value in set(range(256)) - {file[position]}:
            damaged = file[:position] + bytes([value]) + file[position + 1 :]
            with pytest.raises(FormatError):
                parse_file(damaged)


@whole_files
def test_every_truncation_is_refused(file: bytes) -> None:
    for length in range(len(file)):
        with pytest.raises(FormatError):
            parse_file(file[:length])


@whole_files
def test_every_removed_byte_is_refused(file: bytes) -> None:
    for position in range(len(file)):
        damaged = file[:position] + file[position + 1 :]
        if damaged != file[:-1]:
            with pytest.raises(FormatError):
                parse_file(damaged)


def test_every_truncation_within_the_header_is_refused_by_parse_header() -> None:
    end = len(SIGNATURE) + len(HEADER_CHUNK)
    assert parse_header(FILE[:end]) == HEADER
    for length in range(end):
        with pytest.raises(FormatError):
            parse_header(FILE[:length])


@given(garbage=st.binary(max_size=300), kept=st.integers(0, len(FILE)))
def test_garbage_after_a_good_beginning_ends_in_a_format_error(
    garbage: bytes, kept: int
) -> None:
    damaged = FILE[:kept] + garbage
    if damaged != FILE:
        with pytest.raises(FormatError):
            parse_file(damaged)


@given(data=st.binary(max_size=100))
def test_garbage_after_the_signature_ends_in_a_format_error(data: bytes) -> None:
    for parse in (parse_file, parse_header):
        with pytest.raises(FormatError):
            parse(SIGNATURE + data)


@given(data=st.binary(max_size=20))
def test_garbage_in_a_header_with_a_good_checksum_means_no_other_error(
    data: bytes,
) -> None:
    try:
        header = parse_header(join(pack_chunk("H", data)))
    except FormatError:
        return
    assert pack_fields(header) == data


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\x8bVAEC\n\x01"])
def test_other_files_are_not_taken_for_ours(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"not a \.vaec file"):
        parse_file(data)


@pytest.mark.parametrize("version", [0, 1, 3, 255])
def test_another_version_is_refused_with_both_versions(version: int) -> None:
    data = FILE[:7] + bytes([version]) + FILE[8:]
    for parse in (parse_file, parse_header):
        with pytest.raises(
            FormatError, match=f"version {version}, this program reads version 2"
        ):
            parse(data)


def test_bytes_after_the_last_tile_are_refused() -> None:
    with pytest.raises(FormatError, match=rf"at byte {len(FILE)}: 1 bytes after"):
        parse_file(FILE + b"\x00")
    with pytest.raises(FormatError, match="after the last tile"):
        parse_file(FILE + pack_chunk("x", b"late"))
    with pytest.raises(FormatError, match="after the last tile"):
        parse_file(FILE + TILE_CHUNKS[-1])


def test_a_missing_tile_is_refused() -> None:
    for missing in range(len(TILE_CHUNKS)):
        rest = TILE_CHUNKS[:missing] + TILE_CHUNKS[missing + 1 :]
        with pytest.raises(FormatError, match="the file ends, a chunk should begin"):
            parse_file(join(HEADER_CHUNK, *rest))


def test_a_file_without_a_header_is_refused() -> None:
    for chunks in (TILE_CHUNKS, [pack_chunk("x", b""), HEADER_CHUNK, *TILE_CHUNKS]):
        with pytest.raises(FormatError, match="in the place of the header"):
            parse_file(join(*chunks))


def test_a_second_header_is_refused() -> None:
    with pytest.raises(FormatError, match=r"at byte .*: chunk 'H' is there twice"):
        parse_file(join(HEADER_CHUNK, HEADER_CHUNK, *TILE_CHUNKS))


def test_an_unknown_skippable_chunk_before_the_tiles_is_skipped() -> None:
    new = [pack_chunk("q", b"from the future"), pack_chunk("q", b"")]
    file = parse_file(join(HEADER_CHUNK, *new, *TILE_CHUNKS))
    assert file.payloads == PAYLOADS


def test_a_damaged_skippable_chunk_is_refused() -> None:
    damaged = pack_chunk("q", b"from the future").replace(b"the", b"teh")
    with pytest.raises(FormatError, match="chunk 'q' is damaged"):
        parse_file(join(HEADER_CHUNK, damaged, *TILE_CHUNKS))


@pytest.mark.parametrize("letter", ["B", "E", "Z"])
def test_an_unknown_required_chunk_is_refused_by_name(letter: str) -> None:
    new = pack_chunk(letter, b"from the future")
    with pytest.raises(FormatError, match=f"chunk '{letter}' is required"):
        parse_file(join(HEADER_CHUNK, new, *TILE_CHUNKS))


@pytest.mark.parametrize("letter", ["q", "A", "H", "I"])
def test_a_chunk_between_tiles_is_refused(letter: str) -> None:
    between = pack_chunk(letter, b"")
    with pytest.raises(FormatError, match=f"chunk '{letter}' among the tiles"):
        parse_file(join(HEADER_CHUNK, TILE_CHUNKS[0], between, *TILE_CHUNKS[1:]))


def test_a_tile_without_its_alpha_is_refused() -> None:
    header = pack_chunk("H", pack_fields(replace(FULL_HEADER, rounds=1)))
    alphas = [pack_chunk("A", alpha) for alpha in ALPHAS]
    chunks = [*itertools.chain(*zip(alphas, TILE_CHUNKS, strict=True))]
    assert parse_file(join(header, *chunks)).alphas == ALPHAS
    for wrong in (
        TILE_CHUNKS,
        [*alphas, *TILE_CHUNKS],
        chunks[1:],
        chunks[:3] + chunks[4:],
    ):
        with pytest.raises(FormatError, match=r"'[AT]' among the tiles, where"):
            parse_file(join(header, *wrong))


def test_alpha_stands_in_the_first_round_only() -> None:
    alpha = pack_chunk("A", b"")
    header = pack_chunk("H", pack_fields(FULL_HEADER))
    first = [*itertools.chain(*((alpha, tile) for tile in TILE_CHUNKS))]
    assert parse_file(join(header, *first, *TILE_CHUNKS)).header == FULL_HEADER
    with pytest.raises(FormatError, match="'A' among the tiles, where 'T' must stand"):
        parse_file(join(header, *first, *first))


def test_a_missing_round_is_refused() -> None:
    header = pack_chunk("H", pack_fields(replace(HEADER, rounds=3)))
    assert len(parse_file(join(header, *TILE_CHUNKS * 3)).payloads[5]) == 3
    for rounds in (1, 2):
        with pytest.raises(FormatError, match="the file ends, a chunk should begin"):
            parse_file(join(header, *TILE_CHUNKS * rounds))
    with pytest.raises(FormatError, match="after the last tile"):
        parse_file(join(header, *TILE_CHUNKS * 4))


@pytest.mark.parametrize(
    ("letter", "name"),
    [
        ("R", "receiver patch"),
        ("L", "lossless tile"),
    ],
)
def test_what_this_program_does_not_read_yet_is_refused_by_name(
    letter: str, name: str
) -> None:
    expected = rf"chunk '{letter}' \({name}\) is part of the format, but not read"
    chunk = pack_chunk(letter, b"\1\15\0\1")
    for parse in (parse_file, index_file, salvage_file):
        with pytest.raises(FormatError, match=expected):
            parse(join(HEADER_CHUNK, chunk, *TILE_CHUNKS))


def test_a_lossless_tile_is_refused_by_name_wherever_it_stands() -> None:
    lossless = pack_chunk("L", b"\0RIFF")
    for number in range(len(TILE_CHUNKS)):
        chunks = [*TILE_CHUNKS[:number], lossless, *TILE_CHUNKS[number + 1 :]]
        for parse in (parse_file, index_file, salvage_file):
            with pytest.raises(FormatError, match=r"'L' \(lossless tile\) is part"):
                parse(join(HEADER_CHUNK, *chunks))


@pytest.mark.parametrize("data", ["", "010d00", "010d000100", "010d0101", "010d0002"])
def test_code_points_that_are_not_as_described_are_refused(data: str) -> None:
    chunk = pack_chunk("P", bytes.fromhex(data))
    for parse in (parse_file, index_file, salvage_file):
        with pytest.raises(FormatError, match=r"'P' \(colour code points\) is not as"):
            parse(join(HEADER_CHUNK, chunk, *TILE_CHUNKS))


@pytest.mark.parametrize("letter", ["g", "c", "m"])
def test_gain_maps_content_credentials_and_mastering_data_are_skipped_once(
    letter: str,
) -> None:
    chunk = pack_chunk(letter, b"opaque")
    assert parse_file(join(HEADER_CHUNK, chunk, *TILE_CHUNKS)).payloads == PAYLOADS
    with pytest.raises(FormatError, match=f"'{letter}' is there twice"):
        parse_file(join(HEADER_CHUNK, chunk, chunk, *TILE_CHUNKS))


def test_alpha_that_the_header_does_not_announce_is_refused() -> None:
    with pytest.raises(FormatError, match="'A' among the tiles, where 'T' must stand"):
        parse_file(join(HEADER_CHUNK, pack_chunk("A", b""), *TILE_CHUNKS))


def test_a_header_that_promises_a_huge_image_is_described_but_not_read() -> None:
    header = replace(HEADER, width=1 << 20, height=1 << 20)
    data = join(pack_chunk("H", pack_fields(header)), *TILE_CHUNKS)
    assert parse_header(data) == header
    with pytest.raises(FormatError, match="1048576 x 1048576 are 1099511627776 pixels"):
        parse_file(data)
