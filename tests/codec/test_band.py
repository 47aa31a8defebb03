from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecodec.codec.geometry.band import Band

ROWS, COLUMNS = 12, 20  # positions


@given(
    along=st.sampled_from([0, 1]),
    moves=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6),
)
def test_a_band_shows_what_was_written_into_the_part_it_holds(
    along: int, moves: list[tuple[int, int]]
) -> None:
    band = Band((2, ROWS, COLUMNS), dtype=np.int16, along=along)
    whole = np.arange(2 * ROWS * COLUMNS, dtype=np.int16).reshape(2, ROWS, COLUMNS)
    start = stop = 0
    for grown, dropped in moves:
        old, stop = stop, min(stop + grown, (ROWS, COLUMNS)[along])
        band.extend(stop)
        if old < stop:
            place = area(along, old, stop)
            assert (band.read(place) == 0).all()
            band.write(place, whole[(slice(None), *place)])
        start = min(start + dropped, stop)
        band.drop(start)
        if start < stop:
            held = area(along, start, stop)
            np.testing.assert_array_equal(band.read(held), whole[(slice(None), *held)])


def test_what_is_read_is_a_contiguous_copy() -> None:
    band = Band((2, 8, 8), dtype=np.int16, along=1)
    band.extend(3)
    band.extend(8)
    place = slice(2, 5), slice(1, 6)
    read = band.read(place)
    assert read.flags.c_contiguous
    read += 1
    assert (band.read(place) == 0).all()


def area(along: int, start: int, stop: int) -> tuple[slice, slice]:
    """All across, and positions start..stop along."""
    whole = [slice(0, ROWS), slice(0, COLUMNS)]
    whole[along] = slice(start, stop)
    return whole[0], whole[1]


def test_a_band_may_begin_anywhere() -> None:
    band = Band((1, 9, 3), dtype=np.float32, along=0, start=5)
    band.extend(7)
    assert band.read((slice(5, 7), slice(0, 3))).shape == (1, 2, 3)
    with pytest.raises(IndexError):
        band.read((slice(4, 7), slice(0, 3)))


@pytest.mark.parametrize(("start", "stop"), [(3, 6), (7, 9), (0, 4), (9, 12)])
def test_what_is_not_held_is_not_made_up(start: int, stop: int) -> None:
    band = Band((1, 9, 3), dtype=np.int16, along=0)
    for position in (4, 8):
        band.extend(position)
    band.drop(4)
    place = slice(start, stop), slice(0, 3)
    with pytest.raises(IndexError, match=rf"{start}..{stop} of a band that holds 4..8"):
        band.read(place)
    with pytest.raises(IndexError):
        band.write(place, np.ones((1, stop - start, 3), np.int16))
