from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.format.small_file import (
    FILE,
    FIRST_ROUND,
    FULL_FILE,
    HEADER,
    PAYLOADS,
    QUALITY_MAP,
    SECOND_ROUND,
)
from tests.format.test_roles import lists_of_channels
from vaecodec.errors import FormatError
from vaecodec.format import (
    MAX_PIXELS,
    ImageFile,
    ImageHeader,
    Metadata,
    binding,
    pack_file,
    parse_file,
    parse_header,
)
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.header import NO_STREAM, pack_fields
from vaecodec.format.quality_map import map_shape


@st.composite
def headers(draw: st.DrawFn) -> ImageHeader:
    lossless = draw(st.booleans())
    tile_log2 = draw(st.integers(6, 12 if lossless else 10))
    side = 3 << tile_log2
    ids = st.binary(min_size=8, max_size=8).filter(any)
    listed = draw(st.just(()) | lists_of_channels())
    return ImageHeader(
        rounds=1 if lossless else draw(st.integers(1, 4)),
        width=draw(st.integers(1, side)),
        height=draw(st.integers(1, side)),
        channels=len(listed) or draw(st.integers(1, 4)),
        listed=listed,
        quality=100 if lossless else draw(st.integers(0, 100)),
        tile_log2=tile_log2,
        stream_id=NO_STREAM if lossless else draw(ids),
        painter_id=bytes(4) if lossless else draw(st.binary(min_size=4, max_size=4)),
    )


@settings(deadline=None)
@given(header=headers(), data=st.data())
def test_every_file_comes_back_as_it_was_packed(
    header: ImageHeader, data: st.DataObject
) -> None:
    count = header.tile_rows * header.tile_columns
    rows, columns = map_shape(header)
    values = st.lists(st.integers(0, 100), min_size=rows * columns).map(
        lambda values: bytes(values[: rows * columns])
    )
    file = ImageFile(
        header,
        data.draw(st.tuples(*[st.tuples(*[st.binary()] * header.rounds)] * count)),
        data.draw(st.tuples(*[st.binary()] * count))
        if header.codes_alpha_apart
        else (),
        data.draw(st.builds(Metadata, *[st.none() | st.binary()] * 3)),
        None if header.is_lossless else data.draw(st.none() | values),
    )
    assert parse_file(pack_file(**vars(file))) == file


@settings(deadline=None)
@given(header=headers())
def test_the_first_64_bytes_are_enough_for_the_header(header: ImageHeader) -> None:
    payloads = [[b"x" * 100] * header.rounds] * header.tile_count
    alphas = [b"x" * 100] * header.tile_count * header.codes_alpha_apart
    file = pack_file(header, payloads, alphas=alphas)
    assert parse_header(file[:64]) == header


def test_a_payload_longer_than_a_two_byte_varint_comes_back() -> None:
    header = ImageHeader(64, 64, 1, 0, 6, 1, b"a stream", bytes(4))
    payload = bytes(range(256)) * 70
    assert parse_file(pack_file(header, [[payload]])).payloads == ((payload,),)


def test_a_plain_photograph_costs_40_bytes_of_overhead_and_7_more_per_round() -> None:
    header = ImageHeader(768, 512, 3, 50, 10, 1, b"a stream", bytes(4))
    for rounds, overhead in ((1, 40), (2, 47), (7, 82)):
        payloads = [[bytes(16_000)] * rounds]
        file = pack_file(replace(header, rounds=rounds), payloads)
        assert len(file) - rounds * 16_000 == overhead


def test_payloads_stand_round_after_round() -> None:
    places = [FULL_FILE.index(pack_chunk("T", payload)) for payload in SECOND_ROUND]
    assert places == sorted(places)
    assert FULL_FILE.index(pack_chunk("T", FIRST_ROUND[-1])) < places[0]
    assert FULL_FILE.endswith(pack_chunk("T", SECOND_ROUND[-1]))


def test_a_file_can_be_read_from_a_prefix_that_ends_after_a_round() -> None:
    end = FULL_FILE.index(pack_chunk("T", SECOND_ROUND[0]))
    whole = parse_file(FULL_FILE)
    for data in (FULL_FILE, FULL_FILE[:end], FULL_FILE[:end] + b"no chunk"):
        assert parse_file(data, rounds=1) == replace(whole, payloads=PAYLOADS)
    with pytest.raises(FormatError, match="the file ends"):
        parse_file(FULL_FILE[: end - 1], rounds=1)


def test_asked_for_all_rounds_or_more_the_reader_looks_at_the_whole_file() -> None:
    for rounds in (2, 3, 100):
        assert parse_file(FULL_FILE, rounds=rounds) == parse_file(FULL_FILE)
        with pytest.raises(FormatError, match="1 bytes after the last tile"):
            parse_file(FULL_FILE + b"!", rounds=rounds)


@pytest.mark.parametrize("rounds", [0, -1])
def test_less_than_one_round_cannot_be_asked_for(rounds: int) -> None:
    with pytest.raises(ValueError, match=f"{rounds} rounds, expected at least 1"):
        parse_file(FILE, rounds=rounds)


def test_a_payload_is_bound_to_all_that_it_can_be_mistaken_for() -> None:
    fields = pack_fields(HEADER)
    assert binding(HEADER, None, 0x102, b"") == fields + b"\2\1\0\0"
    bound = binding(HEADER, QUALITY_MAP, 1, b"alpha")
    assert bound == fields + QUALITY_MAP + b"\1\0\0\0alpha"


def test_the_largest_image_of_the_program_can_be_packed_and_one_more_row_not() -> None:
    header = ImageHeader(1 << 16, 1 << 12, 3, 50, 10, 1, b"a stream", bytes(4))
    assert header.width * header.height == MAX_PIXELS
    assert parse_file(pack_file(header, [[b""]] * 256)).header == header
    larger = replace(header, height=(1 << 12) + 1)
    with pytest.raises(FormatError, match="268500992 pixels, more than the 268435456"):
        pack_file(larger, [[b""]] * 320)


@pytest.mark.parametrize("count", [0, 5, 7])
def test_a_wrong_number_of_payloads_or_alphas_is_our_own_mistake(count: int) -> None:
    tiles = [[b""]] * 6
    with pytest.raises(ValueError, match=f"{count} tiles, expected 6"):
        pack_file(HEADER, [[b""]] * count)
    with pytest.raises(ValueError, match=f"{count} payloads of a tile, expected 1"):
        pack_file(HEADER, [*tiles[1:], [b""] * count])
    with pytest.raises(ValueError, match=f"{count} alphas, expected 6"):
        pack_file(replace(HEADER, channels=2), tiles, alphas=[b""] * count)
    with pytest.raises(ValueError, match="6 alphas, expected 0"):
        pack_file(HEADER, tiles, alphas=[b""] * 6)


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
