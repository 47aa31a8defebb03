from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import vaecodec
from tests.format.small_file import FILE, HEADER
from vaecodec.errors import FormatError, ImageError, VaecodecError
from vaecodec.format import MAX_PIXELS, max_pixels, pack_file, parse_file
from vaecodec.format.pixel_limit import VARIABLE
from vaecodec.format.tile_index import index_file

PIXELS = HEADER.width * HEADER.height


def test_the_variable_lowers_the_limit_for_all_that_reads_and_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, str(PIXELS))
    parse_file(FILE)
    monkeypatch.setenv(VARIABLE, str(PIXELS - 1))
    expected = f"150 x 70 are {PIXELS} pixels, more than the {PIXELS - 1} that this"
    for read in (parse_file, index_file, vaecodec.decompress, vaecodec.verify):
        with pytest.raises(FormatError, match=expected):
            read(FILE)
    with pytest.raises(FormatError, match=expected):
        pack_file(HEADER, [[b""]] * 6)
    with pytest.raises(ImageError, match=expected):
        vaecodec.encode(np.zeros((70, 150), np.uint8))
    assert vaecodec.inspect(FILE).width == 150


def test_the_variable_raises_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    header = replace(HEADER, width=1 << 20, height=257, tile_log2=10)
    with pytest.raises(FormatError, match=f"more than the {MAX_PIXELS}"):
        pack_file(header, [[b""]] * 1024)
    monkeypatch.setenv(VARIABLE, str(1 << 40))
    assert parse_file(pack_file(header, [[b""]] * 1024)).header == header


@pytest.mark.parametrize("value", ["0", "-1", "1e6", "many", "²", "9" * 20])
def test_a_limit_that_is_no_number_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(VaecodecError, match="not a whole number above 0"):
        parse_file(FILE)


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    assert max_pixels() == MAX_PIXELS
