from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vaecodec.codec.geometry.areas import scaled
from vaecodec.codec.geometry.windows import CORE_CELLS, HALO_CELLS, windows

sides = st.integers(1, 200)


@given(sides, sides)
def test_cores_cover_every_cell_once(rows: int, columns: int) -> None:
    covered = np.zeros((rows, columns), int)
    for window in windows(rows, columns):
        covered[window.core] += 1
    assert (covered == 1).all()


@given(sides, sides)
def test_a_window_sees_its_core_and_as_much_halo_as_there_is(
    rows: int, columns: int
) -> None:
    for window in windows(rows, columns):
        for core, seen, length in zip(
            window.core, window.seen, (rows, columns), strict=True
        ):
            assert seen.start == max(0, core.start - HALO_CELLS)
            assert seen.stop == min(length, core.stop + HALO_CELLS)


@given(sides, sides)
def test_windows_are_bounded_and_nearly_equal(rows: int, columns: int) -> None:
    sizes = [
        [part.stop - part.start for part in window.core]
        for window in windows(rows, columns)
    ]
    for axis in zip(*sizes, strict=True):
        assert max(axis) <= CORE_CELLS
        assert max(axis) - min(axis) <= 1


@given(sides, sides, st.sampled_from([1, 4, 64]))
def test_the_core_within_a_window_is_the_core(
    rows: int, columns: int, scale: int
) -> None:
    places = np.arange(rows)[:, None] * columns + np.arange(columns)
    grid = places.repeat(scale, 0).repeat(scale, 1) if rows * columns < 99 else None
    for window in windows(rows, columns):
        if grid is not None:
            seen = grid[scaled(window.seen, scale)]
            np.testing.assert_array_equal(
                seen[window.core_within(scale)], grid[scaled(window.core, scale)]
            )
        inner = window.core_within(scale)
        assert [part.stop - part.start for part in inner] == [
            scale * (part.stop - part.start) for part in window.core
        ]
