from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.format.small_file import HEADER
from vaecodec.errors import FormatError
from vaecodec.format.header import pack_fields, parse_fields


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("width", 0, r"width 0 is not in 1\.\.1048576"),
        ("width", (1 << 20) + 1, "width 1048577"),
        ("height", 0, "height 0"),
        ("height", (1 << 20) + 1, "height 1048577"),
        ("channels", 0, r"layout 0 is not in 1\.\.4"),
        ("channels", 5, r"layout 5 is not in 1\.\.4"),
        ("depth", 7, r"bits per sample 7 is not in 8\.\.16"),
        ("depth", 17, "bits per sample 17"),
        ("quality", -1, "quality -1"),
        ("quality", 101, r"quality 101 is not in 0\.\.100"),
        ("tile_log2", 5, r"tile_log2 5 is not in 6\.\.10"),
        ("tile_log2", 11, "tile_log2 11"),
        ("rounds", 0, r"rounds 0 is not in 1\.\.15"),
        ("rounds", 16, "rounds 16"),
        ("stream_id", b"1234567", "stream id has 7 bytes, not 8"),
        ("stream_id", b"123456789", "stream id has 9 bytes, not 8"),
        ("painter_id", b"123", "painter id has 3 bytes, not 4"),
        ("painter_id", b"12345", "painter id has 5 bytes, not 4"),
    ],
)
def test_a_value_outside_its_range_is_named(
    field: str, value: Any, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        replace(HEADER, **{field: value})


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"),
    [
        (1, 1, 1, 1),
        (64, 64, 1, 1),
        (65, 64, 2, 1),
        (64, 129, 1, 3),
        (1 << 20, 1, 1 << 14, 1),
    ],
)
def test_tiles_cover_the_image_and_no_more(
    width: int, height: int, columns: int, rows: int
) -> None:
    header = replace(HEADER, width=width, height=height)
    assert header.tile_size == 64
    assert (header.tile_columns, header.tile_rows) == (columns, rows)
    assert header.tile_count == columns * rows


@pytest.mark.parametrize(
    ("channels", "colours", "alpha"),
    [(1, 1, False), (2, 1, True), (3, 3, False), (4, 3, True)],
)
def test_the_last_of_two_or_four_channels_is_alpha(
    channels: int, colours: int, alpha: bool
) -> None:
    header = replace(HEADER, channels=channels)
    assert (header.colour_channels, header.has_alpha) == (colours, alpha)


@pytest.mark.parametrize("value", [1, 127, 128, 16383, 16384, 1 << 20])
def test_sides_at_the_edges_of_the_varint_come_back(value: int) -> None:
    header = replace(HEADER, width=value, height=value)
    assert parse_fields(pack_fields(header)) == header


@pytest.mark.parametrize(
    ("position", "value", "message"),
    [
        (3, 0x70, "layout 0"),
        (3, 0x75, "layout 5"),
        (3, 0x63, "bits per sample 7"),
        (3, 0x03, "bits per sample 1"),
        (4, 101, "quality 101"),
        (4, 255, "quality 255"),
        (5, 0x15, "tile_log2 5"),
        (5, 0x1B, "tile_log2 11"),
        (5, 0x0A, "rounds 0"),
    ],
)
def test_a_wrong_byte_in_the_fields_is_named(
    position: int, value: int, message: str
) -> None:
    data = bytearray(pack_fields(HEADER))
    data[position] = value
    with pytest.raises(FormatError, match=message):
        parse_fields(bytes(data))


@pytest.mark.parametrize("depth", range(8, 17))
@pytest.mark.parametrize("rounds", [1, 2, 15])
def test_values_that_share_a_byte_come_back(depth: int, rounds: int) -> None:
    for channels, tile_log2 in ((1, 6), (4, 10)):
        header = replace(
            HEADER, depth=depth, rounds=rounds, channels=channels, tile_log2=tile_log2
        )
        assert parse_fields(pack_fields(header)) == header


def test_missing_and_additional_bytes_of_the_fields_are_refused() -> None:
    data = pack_fields(HEADER)
    for wrong in [*(data[:length] for length in range(len(data))), data + b"\x00"]:
        with pytest.raises(FormatError, match="header: "):
            parse_fields(wrong)


def test_a_side_in_a_longer_form_than_needed_is_refused() -> None:
    tail = pack_fields(replace(HEADER, width=1, height=1))[2:]
    assert parse_fields(b"\x01\x01" + tail).width == 1
    with pytest.raises(FormatError, match="width is 1, but not in its shortest form"):
        parse_fields(b"\x81\x00\x01" + tail)
