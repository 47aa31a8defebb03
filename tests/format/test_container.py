from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.format.small_file import FILE, HEADER, PAYLOADS
from vaecodec.errors import FormatError
from vaecodec.format import (
    MAX_PIXELS,
    ImageFile,
    ImageHeader,
    Metadata,
    pack_file,
    parse_file,
    parse_header,
)


@st.composite
def headers(draw: st.DrawFn) -> ImageHeader:
    tile_log2 = draw(st.integers(6, 10))
    side = 3 << tile_log2
    return ImageHeader(
        width=draw(st.integers(1, side)),
        height=draw(st.integers(1, side)),
        channels=draw(st.integers(1, 4)),
        quality=draw(st.integers(0, 100)),
        tile_log2=tile_log2,
        model_id=draw(st.binary(min_size=8, max_size=8)),
    )


@given(header=headers(), data=st.data())
def test_every_file_comes_back_as_it_was_packed(
    header: ImageHeader, data: st.DataObject
) -> None:
    count = header.tile_rows * header.tile_columns
    lists = st.lists(st.binary(max_size=300), min_size=count, max_size=count)
    payloads = data.draw(lists)
    alphas = data.draw(lists) if header.has_alpha else []
    metadata = data.draw(st.builds(Metadata, *[st.none() | st.binary()] * 3))
    file = parse_file(pack_file(header, payloads, alphas=alphas, metadata=metadata))
    assert file == ImageFile(header, tuple(payloads), tuple(alphas), metadata)


@given(header=headers())
def test_the_first_64_bytes_are_enough_for_the_header(header: ImageHeader) -> None:
    payloads = [b"x" * 100] * header.tile_count
    alphas = payloads if header.has_alpha else []
    file = pack_file(header, payloads, alphas=alphas)
    assert parse_header(file[:64]) == header


def test_a_payload_longer_than_a_two_byte_varint_comes_back() -> None:
    header = ImageHeader(64, 64, 1, 0, 6, bytes(8))
    payload = bytes(range(256)) * 70
    assert parse_file(pack_file(header, [payload])).payloads == (payload,)


def test_a_plain_photograph_costs_37_bytes_of_overhead() -> None:
    header = ImageHeader(768, 512, 3, 50, 10, bytes(8))
    payload = bytes(20_000)
    assert len(pack_file(header, [payload])) - len(payload) == 37


def test_the_largest_image_of_the_program_can_be_packed_and_one_more_row_not() -> None:
    header = ImageHeader(1 << 16, 1 << 12, 3, 50, 10, bytes(8))
    assert header.width * header.height == MAX_PIXELS
    assert parse_file(pack_file(header, [b""] * 256)).header == header
    larger = ImageHeader(1 << 16, (1 << 12) + 1, 3, 50, 10, bytes(8))
    with pytest.raises(FormatError, match="268500992 pixels, more than the 268435456"):
        pack_file(larger, [b""] * 320)


@pytest.mark.parametrize("count", [0, 5, 7])
def test_a_wrong_number_of_payloads_or_alphas_is_our_own_mistake(count: int) -> None:
    tiles = [b""] * 6
    with pytest.raises(ValueError, match=f"{count} payloads, expected 6"):
        pack_file(HEADER, [b""] * count)
    with pytest.raises(ValueError, match=f"{count} alphas, expected 6"):
        pack_file(replace(HEADER, channels=2), tiles, alphas=[b""] * count)
    with pytest.raises(ValueError, match="6 alphas, expected 0"):
        pack_file(HEADER, tiles, alphas=tiles)


def test_reading_a_header_needs_neither_numpy_nor_an_engine(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    program = (
        "import sys; from vaecodec.format import parse_header; "
        f"parse_header({FILE[:64]!r}); "
        "print(*{'numpy', 'PIL', 'onnxruntime', 'constriction', 'click'} "
        "& set(sys.modules))"
    )
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_the_small_file_of_these_tests_is_valid() -> None:
    file = parse_file(FILE)
    assert file.header == HEADER
    assert file.payloads == PAYLOADS
