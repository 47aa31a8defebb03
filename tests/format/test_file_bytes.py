from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.counted_file import CountedFile
from tests.format.small_file import (
    ALPHAS,
    FILE,
    FIRST_ROUND,
    FULL_FILE,
    FULL_HEADER,
    HEADER,
    HEADER_CHUNK,
    METADATA,
    QUALITY_MAP,
    SIGNATURE,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import Beginning, Metadata, parse_beginning, parse_header
from vaecodec.format.chunks import pack_chunk, pack_varint
from vaecodec.format.file_bytes import FileBytes
from vaecodec.format.quality_map import pack_quality_map


@given(data=st.binary(max_size=20), start=st.integers(0, 25), stop=st.integers(0, 25))
def test_a_file_is_sliced_like_its_bytes(data: bytes, start: int, stop: int) -> None:
    file = FileBytes(io.BytesIO(data))
    assert len(file) == len(data)
    assert file[start:stop] == data[start:stop]
    assert file[:stop] == data[:stop]
    assert file[start:] == data[start:]


def test_the_beginning_is_all_that_is_known_before_the_tiles() -> None:
    tiles = FILE.index(pack_chunk("T", FIRST_ROUND[0]))
    assert parse_beginning(FILE) == Beginning(HEADER, Metadata(), None, tiles)
    deflated = pack_quality_map(QUALITY_MAP, FULL_HEADER)
    tiles = FULL_FILE.index(pack_chunk("A", ALPHAS[0]))
    expected = Beginning(FULL_HEADER, METADATA, deflated, tiles)
    assert parse_beginning(FULL_FILE) == expected


@pytest.mark.parametrize("file", [FILE, FULL_FILE])
def test_of_a_file_only_the_beginning_is_read(file: bytes) -> None:
    counted = CountedFile(file)
    assert parse_beginning(FileBytes(counted)) == parse_beginning(file)
    tiles = parse_beginning(file).end
    # The type of the chunk behind the beginning must be seen.
    assert counted.furthest == tiles + 1


def test_the_header_is_read_from_a_real_file(tmp_path: Path) -> None:
    path = tmp_path / "small.vaec"
    path.write_bytes(FILE)
    with path.open("rb") as file:
        assert parse_header(FileBytes(file)) == HEADER


@pytest.mark.parametrize("length", range(len(SIGNATURE) + len(HEADER_CHUNK) + 1))
def test_a_file_that_ends_before_the_tiles_has_no_beginning(length: int) -> None:
    with pytest.raises(FormatError):
        parse_beginning(FileBytes(io.BytesIO(FILE[:length])))


def test_damaged_metadata_is_refused() -> None:
    position = FULL_FILE.index(b"I") + 5
    damaged = bytearray(FULL_FILE)
    damaged[position] ^= 1
    with pytest.raises(FormatError, match="chunk 'I' is damaged"):
        parse_beginning(bytes(damaged))


def test_a_length_beyond_the_end_of_a_file_reserves_no_memory(tmp_path: Path) -> None:
    lie = b"x" + pack_varint((1 << 31) - 1) + b"short"
    (tmp_path / "lie.vaec").write_bytes(join(HEADER_CHUNK, pack_chunk("y", b""), lie))
    with (tmp_path / "lie.vaec").open("rb") as file:
        tracemalloc.start()
        try:
            with pytest.raises(FormatError, match="but the file ends"):
                parse_beginning(FileBytes(file))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 200_000
