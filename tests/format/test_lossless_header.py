"""Headers of files that need no model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.format.small_file import HEADER
from vaecodec.errors import FormatError
from vaecodec.format import pack_file, parse_file
from vaecodec.format.header import (
    MAX_LOSSLESS_TILE_LOG2,
    NO_STREAM,
    ImageHeader,
    error_id,
    pack_fields,
    parse_fields,
)
from vaecodec.format.salvage import salvage_file

LOSSLESS = ImageHeader(
    width=150,
    height=70,
    channels=4,
    quality=100,
    tile_log2=6,
    rounds=1,
    stream_id=NO_STREAM,
    painter_id=error_id(0),
)
PAYLOADS = tuple((bytes([number]) * 9,) for number in range(6))
FILE = pack_file(LOSSLESS, PAYLOADS)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("quality", 99, r"quality of a lossless file 99 is not in 100\.\.100"),
        ("rounds", 3, r"rounds of a lossless file 3 is not in 1\.\.1"),
        ("painter_id", b"\x80\0\0\0", r"largest error 128 is not in 0\.\.127"),
        ("tile_log2", 13, r"tile_log2 13 is not in 6\.\.12"),
    ],
)
def test_a_lossless_file_has_nothing_that_only_a_model_understands(
    field: str, value: Any, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        replace(LOSSLESS, **{field: value})


def test_tiles_may_be_larger_than_those_of_a_model() -> None:
    header = replace(LOSSLESS, tile_log2=MAX_LOSSLESS_TILE_LOG2)
    assert parse_fields(pack_fields(header)) == header
    assert (header.tile_size, header.tile_count) == (4096, 1)
    with pytest.raises(FormatError, match=r"tile_log2 12 is not in 6\.\.10"):
        replace(HEADER, tile_log2=12)


def test_alpha_is_inside_of_the_tiles() -> None:
    assert not LOSSLESS.codes_alpha_apart
    assert (FILE.count(b"L\x09"), FILE.count(b"A")) == (6, 1)  # that of the magic
    assert parse_file(FILE).payloads == PAYLOADS


def test_a_quality_map_has_no_place() -> None:
    with pytest.raises(FormatError, match="in a lossless file"):
        pack_file(LOSSLESS, PAYLOADS, quality_map=bytes(6))


def test_a_damaged_tile_costs_itself_only() -> None:
    place = FILE.index(bytes([3]) * 9)
    file, damaged, problems = salvage_file(FILE[:place] + b"." + FILE[place + 1 :])
    assert ([*damaged], problems) == ([3], [])
    assert [*map(tuple, file.payloads)] == [*PAYLOADS[:3], (), *PAYLOADS[4:]]


def test_a_damaged_length_costs_its_tile_only() -> None:
    place = FILE.index(b"L\x09" + bytes([2]) * 9) + 1
    file, damaged, _ = salvage_file(FILE[:place] + b"\x55" + FILE[place + 1 :])
    assert [*damaged] == [2]
    assert len(file.payloads) == 6
