from __future__ import annotations

import numpy as np
import pytest

from vaecodec.models.checkerboard.board import Checkerboard, group_lattices

GRIDS = [(1, 1), (1, 2), (3, 5), (4, 6), (5, 4)]


@pytest.mark.parametrize("grid", GRIDS)
def test_each_group_is_in_the_order_of_a_masked_array(grid):
    values = np.arange(6 * grid[0] * grid[1]).reshape(6, *grid)
    channel, row, column = np.indices(values.shape)
    in_first = (channel + row + column) % 2 == 0
    board = Checkerboard(*grid)
    first, second = board.take(values, 0), board.take(values, 1)
    assert first.ravel().tolist() == values[in_first].tolist()
    assert second.ravel().tolist() == values[~in_first].tolist()


@pytest.mark.parametrize("grid", GRIDS)
def test_putting_undoes_taking_and_leaves_the_other_group_alone(grid):
    values = np.random.default_rng(2).integers(1, 9, (4, *grid))
    in_first = np.indices(values.shape).sum(axis=0) % 2 == 0
    board, found = Checkerboard(*grid), np.zeros_like(values)
    board.put(board.take(values, 0), 0, found)
    assert np.array_equal(found, np.where(in_first, values, 0))
    board.put(board.take(values, 1), 1, found)
    assert np.array_equal(found, values)


@pytest.mark.parametrize("grid", GRIDS)
def test_parity_order_has_the_even_positions_first_and_can_be_undone(grid):
    raster = np.indices(grid)
    board = Checkerboard(*grid)
    ordered = board.to_parity_order(raster)
    parities = ordered.sum(axis=0) % 2
    assert parities.tolist() == sorted(parities)
    assert board.even == np.count_nonzero(parities == 0)
    assert np.array_equal(board.to_raster(ordered), raster)


@pytest.mark.parametrize("grid", GRIDS)
def test_the_lattices_of_a_group_hold_the_group_and_nothing_else(grid):
    channel, row, column = np.indices((6, *grid))
    for group in (0, 1):
        found = np.zeros((6, *grid), int)
        for lattice in group_lattices(group):
            found[lattice] += 1
        assert np.array_equal(found, (channel + row + column) % 2 == group)
