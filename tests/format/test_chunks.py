from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.format.small_file import chunk_with_length_bytes
from vaecodec.errors import FormatError
from vaecodec.format.chunks import (
    pack_chunk,
    pack_varint,
    parse_chunk,
    parse_varint,
)


@given(value=st.integers(0, (1 << 31) - 1), before=st.binary(max_size=3))
def test_every_varint_comes_back(value: int, before: bytes) -> None:
    packed = pack_varint(value)
    data = before + packed + b"\xff"
    end = len(before) + len(packed)
    assert parse_varint(data, len(before), name="it") == (value, end)


@pytest.mark.parametrize(
    ("value", "packed"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (16384, "808001"),
        ((1 << 31) - 1, "ffffffff07"),
    ],
)
def test_varints_have_these_bytes(value: int, packed: str) -> None:
    assert pack_varint(value).hex() == packed


@pytest.mark.parametrize("value", [-1, 1 << 31])
def test_a_number_that_no_varint_can_hold_is_our_own_mistake(value: int) -> None:
    with pytest.raises(ValueError, match="is not in"):
        pack_varint(value)


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        ("", "cut off"),
        ("80", "cut off"),
        ("ffffffff", "cut off"),
        ("8000", "is 0, but not in its shortest form"),
        ("ff00", "is 127, but not in its shortest form"),
        ("8080808000", "not in its shortest form"),
        ("8080808008", "is 2147483648, more than 2147483647"),
        ("ffffffff7f", "more than"),
        ("808080808001", "longer than 5 bytes"),
    ],
)
def test_other_forms_of_a_varint_are_refused(packed: str, message: str) -> None:
    with pytest.raises(FormatError, match=f"size .*{message}|size {message}"):
        parse_varint(bytes.fromhex(packed), 0, name="size")


@given(
    letter=st.sampled_from("AHTaz"),
    data=st.binary(max_size=200),
    before=st.binary(max_size=5),
)
def test_every_chunk_comes_back(letter: str, data: bytes, before: bytes) -> None:
    packed = pack_chunk(letter, data)
    chunk = parse_chunk(before + packed + b"more", len(before))
    assert (chunk.type, chunk.data) == (letter, data)
    assert (chunk.start, chunk.end) == (len(before), len(before) + len(packed))
    assert chunk.required == (letter in "AHT")


@pytest.mark.parametrize("letter", [b"\x00", b"1", b"@", b"[", b"`", b"{", b"\xc4"])
def test_a_type_that_is_no_ascii_letter_is_refused(letter: bytes) -> None:
    chunk = chunk_with_length_bytes(letter, b"\x01", b"x")
    with pytest.raises(FormatError, match=f"type 0x{letter.hex()} is not a letter"):
        parse_chunk(chunk, 0)


def test_a_length_in_a_longer_form_is_refused_although_the_checksum_fits() -> None:
    assert parse_chunk(chunk_with_length_bytes(b"T", b"\x01", b"x"), 0).data == b"x"
    with pytest.raises(FormatError, match="length of chunk 'T' is 1, but not in its"):
        parse_chunk(chunk_with_length_bytes(b"T", b"\x81\x00", b"x"), 0)


@pytest.mark.parametrize("more", [1, 4, 1 << 20, (1 << 31) - 2])
def test_a_length_beyond_the_end_is_refused_without_reserving_memory(more: int) -> None:
    chunk = chunk_with_length_bytes(b"T", pack_varint(1 + more), b"x")
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=f"is {1 + more}, but the file ends"):
            parse_chunk(chunk, 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000


def test_the_message_about_damage_holds_position_and_both_checksums() -> None:
    chunk = bytearray(pack_chunk("T", b"data"))
    stored = bytes(reversed(chunk[-4:])).hex()
    chunk[3] ^= 1
    with pytest.raises(FormatError, match=rf"at byte 2: chunk 'T'.*says {stored}\)"):
        parse_chunk(b"ab" + chunk, 2)
