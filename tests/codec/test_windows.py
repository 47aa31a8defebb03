from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecodec.codec.geometry.windows import (
    CORE_PIXELS,
    Window,
    in_cells,
    whole_cells,
    windows,
)
from vaecodec.format.header import ImageHeader

CELLS = st.sampled_from([1, 8, 16, 64])
sides = st.integers(1, 9000)


def header_of(height: int, width: int) -> ImageHeader:
    return ImageHeader(width, height, 3, 50, 10, 1, b"a stream", bytes(4))


def windows_of(height: int, width: int, cell: int, reach: int = 0) -> list[Window]:
    return list(windows(header_of(height, width), cell=cell, reach=reach))


@given(sides, sides, CELLS)
def test_cores_cover_every_pixel_of_whole_cells_once(
    height: int, width: int, cell: int
) -> None:
    size = whole_cells(header_of(height, width), cell)
    for whole, side in zip(size, (height, width), strict=True):
        assert whole % cell == 0
        assert 0 <= whole - side < cell
    rows, columns = np.zeros(size[0], int), np.zeros(size[1], int)
    found = windows_of(height, width, cell)
    for window in found:
        rows[window.core[0]] += 1
        columns[window.core[1]] += 1
    # Each of the rows lies in one window of each column of windows, and so on.
    down = len({window.start(0) for window in found})
    across = len({window.start(1) for window in found})
    assert len(found) == down * across
    assert (rows == across).all()
    assert (columns == down).all()


@given(sides, sides, CELLS, st.integers(0, 700))
def test_a_window_sees_its_core_and_as_much_of_its_reach_as_there_is(
    height: int, width: int, cell: int, reach: int
) -> None:
    size = whole_cells(header_of(height, width), cell)
    for window in windows_of(height, width, cell, reach):
        for core, seen, side in zip(window.core, window.seen, size, strict=True):
            before, behind = core.start - seen.start, seen.stop - core.stop
            assert seen.start == 0 or reach <= before < reach + cell
            assert seen.stop == side or reach <= behind < reach + cell
            assert 0 <= before < reach + cell
            assert 0 <= behind < reach + cell
            assert seen.start >= 0
            assert seen.stop <= side


@given(sides, sides, CELLS)
def test_windows_are_bounded_nearly_equal_and_begin_at_cells(
    height: int, width: int, cell: int
) -> None:
    for axis in (0, 1):
        cores = [window.core[axis] for window in windows_of(height, width, cell)]
        sizes = [core.stop - core.start for core in cores]
        assert all(core.start % cell == core.stop % cell == 0 for core in cores)
        assert max(sizes) <= CORE_PIXELS
        assert max(sizes) - min(sizes) <= cell


@pytest.mark.parametrize(
    ("length", "cell", "expected"), [(0, 64, 0), (1, 64, 64), (64, 64, 64), (65, 8, 72)]
)
def test_lengths_are_rounded_up_to_cells(length: int, cell: int, expected: int) -> None:
    assert in_cells(length, cell) == expected
