"""Lists of channels: what may stand in one, and where it stands in a file."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.format.small_file import HEADER, HEADER_CHUNK, PAYLOADS, TILE_CHUNKS, join
from vaecodec.errors import FormatError
from vaecodec.format import pack_file, parse_file, parse_header
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.header import pack_fields
from vaecodec.format.roles import (
    LAYOUTS,
    MAX_CHANNELS,
    Role,
    Roles,
    list_of,
    pack_list,
    parse_list,
    words_of,
)
from vaecodec.format.salvage import salvage_file

LISTED = Role.OTHER, Role.RED, Role.GREEN, Role.BLUE, Role.ALPHA
HEADER_OF_LIST = replace(HEADER, channels=len(LISTED), listed=LISTED)
FIELDS = pack_chunk("H", pack_fields(HEADER_OF_LIST))
LIST = pack_chunk("C", pack_list(LISTED))
EXIF = pack_chunk("e", zlib.compress(b""))
ALPHAS = (b"",) * len(PAYLOADS)


@st.composite
def lists_of_channels(draw: st.DrawFn) -> Roles:
    colours = draw(st.sampled_from([(), LAYOUTS[1], LAYOUTS[3]]))
    alpha = draw(st.sampled_from([(), (Role.ALPHA,)]))
    known = [*colours, *alpha]
    others = draw(st.integers(0 if known else 1, MAX_CHANNELS - len(known)))
    roles = tuple(draw(st.permutations([*known, *[Role.OTHER] * others])))
    return () if roles in LAYOUTS.values() else roles


@settings(deadline=None)
@given(lists_of_channels())
def test_every_list_comes_back(roles: Roles) -> None:
    if roles:
        assert parse_list(pack_list(roles)) == roles
        assert list_of([role.word for role in roles]) == roles


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "their number is cut off"),
        (b"\0", "0 roles for 0"),
        (b"\2\5", "1 roles for 2"),
        (b"\1\5\5", "2 roles for 1"),
        (b"\x11" + b"\5" * 17, r"17 channels, allowed 1\.\.16"),
        (b"\1\6", r"a role 6 is not in 0\.\.5"),
        (b"\3\5\4\4", "alpha is there twice"),
        (b"\3\1\2\5", "red, green, other, expected gray, all of red, green and blue"),
        (b"\5\0\1\2\3\5", "gray, red, green, blue, other, expected gray, all of"),
        (b"\1\0", "layout 0 lists the channels of layout 1"),
        (b"\4\1\2\3\4", "layout 0 lists the channels of layout 4"),
    ],
)
def test_a_list_that_cannot_be_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse_list(data)


def test_the_list_says_how_many_channels_there_are_and_which_is_alpha() -> None:
    data = pack_file(HEADER_OF_LIST, PAYLOADS, alphas=ALPHAS)
    assert data.startswith(join(FIELDS, LIST))
    header = parse_header(data)
    assert header == parse_file(data).header == HEADER_OF_LIST
    assert (header.channels, header.colour_channels, header.alpha_channel) == (5, 4, 4)
    assert words_of(header.roles) == "other, red, green, blue, alpha"
    assert words_of((Role.GRAY, *[Role.OTHER] * 3)) == "gray, other x3"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (join(FIELDS, *TILE_CHUNKS), r"layout 0 without a list of channels"),
        (join(FIELDS, LIST, LIST, *TILE_CHUNKS), "chunk 'C' is there twice"),
        (
            join(HEADER_CHUNK, EXIF, LIST, *TILE_CHUNKS),
            "not directly after the header",
        ),
        (join(FIELDS, EXIF, LIST), "layout 0 without a list"),
        (
            join(HEADER_CHUNK, LIST, *TILE_CHUNKS),
            "layout 3 with a list of channels",
        ),
        (join(FIELDS, LIST[:-1] + b"?"), "chunk 'C' is damaged"),
    ],
)
def test_a_list_in_the_wrong_place_is_refused(file: bytes, message: str) -> None:
    for read in (parse_file, salvage_file):
        with pytest.raises(FormatError, match=message):
            read(file)


def test_other_damage_is_found_behind_a_list() -> None:
    data = pack_file(HEADER_OF_LIST, PAYLOADS, alphas=ALPHAS)
    place = data.index(b"three")
    file, damaged, _ = salvage_file(data[:place] + b"T" + data[place + 1 :])
    assert (file.header, [*damaged]) == (HEADER_OF_LIST, [2])
