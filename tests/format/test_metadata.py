from __future__ import annotations

import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.format.small_file import HEADER_CHUNK, METADATA, TILE_CHUNKS, join
from vaecodec.errors import FormatError
from vaecodec.format import MAX_METADATA_BYTES, Metadata, parse_file
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.metadata import pack_metadata, parse_metadata


@given(st.builds(Metadata, *[st.none() | st.binary()] * 3))
def test_all_metadata_comes_back_byte_by_byte(metadata: Metadata) -> None:
    assert parse_metadata(dict(pack_metadata(metadata))) == metadata


def test_nothing_costs_nothing() -> None:
    assert list(pack_metadata(Metadata())) == []


def test_metadata_may_stand_in_any_order_among_chunks_from_the_future() -> None:
    chunks = [pack_chunk(*chunk) for chunk in pack_metadata(METADATA)]
    new = pack_chunk("q", b"from the future")
    data = join(HEADER_CHUNK, new, *reversed(chunks), new, *TILE_CHUNKS)
    assert parse_file(data).metadata == METADATA


@pytest.mark.parametrize("letter", ["I", "e", "x"])
def test_metadata_of_one_kind_twice_is_refused(letter: str) -> None:
    chunk = pack_chunk(letter, zlib.compress(b"one"))
    with pytest.raises(FormatError, match=f"at byte .*'{letter}' is there twice"):
        parse_file(join(HEADER_CHUNK, chunk, chunk, *TILE_CHUNKS))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not one whole zlib stream"),
        (zlib.compress(b"one")[:-1], "not one whole zlib stream"),
        (zlib.compress(b"one") + b"\0", "not one whole zlib stream"),
        (zlib.compress(b"one")[:-1] + b"\0", "not deflated"),
        (b"no zlib stream", "not deflated"),
        (zlib.compress(bytes(MAX_METADATA_BYTES + 1)), "more than the 16777216 bytes"),
    ],
)
@pytest.mark.parametrize(("letter", "name"), [("I", "ICC profile"), ("x", "XMP")])
def test_data_that_is_not_one_zlib_stream_is_refused(
    letter: str, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(FormatError, match=rf"chunk '{letter}' \({name}\) .*{reason}"):
        parse_file(join(HEADER_CHUNK, pack_chunk(letter, data), *TILE_CHUNKS))


def test_a_preset_dictionary_is_refused() -> None:
    stream = zlib.compressobj(zdict=b"dictionary")
    data = stream.compress(b"dictionary") + stream.flush()
    with pytest.raises(FormatError, match="not deflated"):
        parse_metadata({"e": data})


def test_as_much_as_is_allowed_comes_back_and_one_byte_more_is_refused() -> None:
    most = Metadata(exif=bytes(MAX_METADATA_BYTES))
    assert parse_metadata(dict(pack_metadata(most))) == most
    with pytest.raises(FormatError, match="more than the 16777216 bytes"):
        list(pack_metadata(Metadata(exif=bytes(MAX_METADATA_BYTES + 1))))


def test_a_chunk_that_inflates_to_much_more_takes_no_such_memory() -> None:
    stream = zlib.compressobj(1)
    million = bytes(1 << 20)
    data = b"".join(stream.compress(million) for _ in range(1 << 8)) + stream.flush()
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="more than"):
            parse_metadata({"e": data})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_METADATA_BYTES
