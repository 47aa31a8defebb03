from __future__ import annotations

import numpy as np
import pytest
import torch

from vaecodec.models.quadrants.networks.quarters import gathered
from vaecodec.models.quadrants.quarters import Squares, by_place, lattices


@pytest.mark.parametrize("step", range(4))
def test_steps_are_those_of_training(step: int) -> None:
    latent = np.arange(8 * 4 * 12, dtype=np.float32).reshape(8, 4, 12)
    trained = gathered(torch.from_numpy(latent)[None], step)[0].numpy()
    # [4, M / 4, h / 2, w / 2] -> [h / 2, w / 2, 4, M / 4]
    expected = trained.transpose(2, 3, 0, 1)
    np.testing.assert_array_equal(Squares(4, 12).take(latent, step), expected)


@pytest.mark.parametrize("step", range(4))
def test_what_belongs_to_channels_goes_where_they_are(step: int) -> None:
    channels = np.arange(12)
    planes = np.broadcast_to(channels[:, None, None], (12, 4, 4))
    taken = Squares(4, 4).take(planes, step)
    np.testing.assert_array_equal(
        taken, np.broadcast_to(by_place(channels, step), taken.shape)
    )


def test_steps_that_are_joined_lie_where_they_were_taken() -> None:
    latent = np.arange(8 * 4 * 12, dtype=np.int16).reshape(8, 4, 12)
    squares = Squares(4, 12)
    joined = squares.joined([squares.take(latent, step) for step in range(4)])
    np.testing.assert_array_equal(joined, latent)
    assert joined.transpose(1, 2, 0).flags.c_contiguous


def test_every_position_and_channel_belongs_to_one_step() -> None:
    counted = np.zeros((8, 5, 7), int)
    for step in range(4):
        for lattice in lattices(step):
            counted[lattice] += 1
    assert (counted == 1).all()


@pytest.mark.parametrize("shape", [(1, 1), (4, 8), (5, 6), (7, 4)])
def test_positions_beyond_the_tile_are_zero_and_not_coded(
    shape: tuple[int, int],
) -> None:
    squares, values = Squares(*shape), np.ones((8, *shape), np.int16)
    total = 0
    for step in range(4):
        taken = squares.take(values, step)
        coded = squares.coded(taken)
        assert coded.all()
        total += coded.size
        np.testing.assert_array_equal(squares.uncoded(coded), taken)
    assert total == values.size
