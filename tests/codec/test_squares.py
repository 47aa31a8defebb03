from __future__ import annotations

import numpy as np
import pytest

from vaecodec.codec.geometry.squares import in_squares, padded


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (5, 4), (7, 9)])
def test_planes_go_on_as_they_end(shape: tuple[int, int]) -> None:
    plane = np.arange(shape[0] * shape[1]).reshape(shape)
    whole = padded(plane, 4)
    assert all(length % 4 == 0 for length in whole.shape)
    for row, column in np.ndindex(*whole.shape):
        nearest = plane[min(row, shape[0] - 1), min(column, shape[1] - 1)]
        assert whole[row, column] == nearest


def test_whole_planes_are_not_copied() -> None:
    plane = np.zeros((8, 12), np.uint8)
    assert padded(plane, 4) is plane


def test_squares_hold_their_rows_and_columns() -> None:
    plane = np.arange(48).reshape(6, 8)
    squares = in_squares(plane, 2)
    assert squares.shape == (3, 2, 4, 2)
    for row, column in np.ndindex(3, 4):
        expected = plane[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        np.testing.assert_array_equal(squares[row, :, column], expected)
