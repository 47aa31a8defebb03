from __future__ import annotations

import tracemalloc
import zlib
from dataclasses import replace

import pytest

from tests.format.small_file import (
    HEADER,
    HEADER_CHUNK,
    PAYLOADS,
    QUALITY_MAP,
    TILE_CHUNKS,
    join,
)
from vaecodec.errors import FormatError
from vaecodec.format import pack_file, parse_beginning, parse_file
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.header import pack_fields
from vaecodec.format.quality_map import (
    map_shape,
    pack_quality_map,
    parse_quality_map,
)


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1, 1, (1, 1)), (64, 64, (1, 1)), (65, 64, (1, 2)), (150, 1 << 20, (1 << 14, 3))],
)
def test_cells_cover_the_image_whatever_its_tiles(
    width: int, height: int, shape: tuple[int, int]
) -> None:
    for tile_log2 in (6, 10):
        header = replace(HEADER, width=width, height=height, tile_log2=tile_log2)
        assert map_shape(header) == shape


def test_a_map_comes_back_and_costs_nothing_where_there_is_none() -> None:
    data = pack_file(HEADER, PAYLOADS, quality_map=QUALITY_MAP)
    assert parse_file(data).quality_map == QUALITY_MAP
    plain = pack_file(HEADER, PAYLOADS)
    assert parse_file(plain).quality_map is None
    chunk = pack_chunk("Q", pack_quality_map(QUALITY_MAP, HEADER))
    assert len(data) == len(plain) + len(chunk)


@pytest.mark.parametrize(
    "values", [b"", bytes(5), bytes(7), bytes([0, 0, 0, 101, 0, 0])]
)
def test_a_map_that_does_not_fit_is_our_own_mistake(values: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected 2 x 3 values in 0\.\.100"):
        pack_file(HEADER, PAYLOADS, quality_map=values)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not one whole zlib stream"),
        (QUALITY_MAP, "not deflated"),
        (zlib.compress(QUALITY_MAP) + b"\0", "not one whole zlib stream"),
        (zlib.compress(QUALITY_MAP)[:-1], "not one whole zlib stream"),
        (zlib.compress(b""), "holds 0 bytes, not 2 x 3"),
        (zlib.compress(QUALITY_MAP[1:]), "holds 5 bytes, not 2 x 3"),
        (zlib.compress(QUALITY_MAP + b"\0"), "more than the 6 bytes"),
        (
            zlib.compress(bytes([0, 0, 0, 101, 0, 0])),
            r"quality 101, .* not in 0\.\.100",
        ),
        (zlib.compress(b"\xff" * 6), "quality 255"),
    ],
)
def test_a_chunk_that_is_no_map_of_this_image_is_refused(
    data: bytes, reason: str
) -> None:
    with pytest.raises(FormatError, match=rf"chunk 'Q' \(quality map\) .*{reason}"):
        parse_file(join(HEADER_CHUNK, pack_chunk("Q", data), *TILE_CHUNKS))


def test_a_second_map_is_refused() -> None:
    chunk = pack_chunk("Q", pack_quality_map(QUALITY_MAP, HEADER))
    with pytest.raises(FormatError, match="'Q' is there twice"):
        parse_file(join(HEADER_CHUNK, chunk, chunk, *TILE_CHUNKS))


def test_a_map_that_inflates_to_much_more_takes_no_such_memory() -> None:
    data = zlib.compress(bytes(1 << 26))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="more than the 6 bytes"):
            parse_quality_map(data, HEADER)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_the_map_of_an_image_that_is_too_large_is_not_inflated() -> None:
    huge = pack_chunk("H", pack_fields(replace(HEADER, width=1 << 20, height=1 << 20)))
    deflated = zlib.compress(bytes(1 << 26))
    data = join(huge, pack_chunk("Q", deflated), *TILE_CHUNKS)
    tracemalloc.start()
    try:
        assert parse_beginning(data).quality_map == deflated
        with pytest.raises(FormatError, match="1099511627776 pixels, more than"):
            parse_file(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20
