"""What the shipped kind of model says of itself, and what it refuses to be made of."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import architecture_of, make_tensors
from vaecodec.errors import ModelError
from vaecodec.models.architecture import Plane, Symbols


def test_every_symbol_belongs_to_one_step():
    architecture = architecture_of(make_tensors(1))
    counted = [np.zeros(p.shape(100, 150), int) for p in architecture.grid.planes]
    for step in architecture.steps:
        for lattice in step.lattices:
            counted[step.plane][lattice] += 1
    assert [plane.shape for plane in counted] == [(4, 2, 3), (8, 7, 10)]
    assert all((plane == 1).all() for plane in counted)


def test_the_order_of_coding_is_that_of_the_lattices_and_can_be_undone():
    architecture = architecture_of(make_tensors(1))
    predictor = architecture.predictor(100, 150, np.full((1, 1), 50, np.uint8))
    for number, step in enumerate(architecture.steps):
        shape = architecture.grid.planes[step.plane].shape(100, 150)
        values = np.arange(1, 1 + np.prod(shape), dtype=np.int16).reshape(shape)
        inside = np.zeros(shape, bool)
        for lattice in step.lattices:
            inside[lattice] = True
        coded = predictor.gather(number, values)
        assert coded.tolist() == values[inside].tolist()
        found = np.zeros(shape, np.int16)
        predictor.scatter(number, coded, found)
        assert np.array_equal(found, np.where(inside, values, 0))


def test_the_painter_is_given_the_symbols_themselves():
    architecture = architecture_of(make_tensors(1))
    predictor = architecture.predictor(64, 64, np.full((1, 1), 50, np.uint8))
    known = Symbols((np.ones((4, 1, 1), np.int16), np.ones((8, 4, 4), np.int16)))
    assert predictor.latents(known) is known


@pytest.mark.parametrize(
    ("pixels", "positions"), [(1, 1), (16, 1), (17, 2), (64, 4), (65, 5)]
)
def test_a_plane_has_a_position_for_every_begun_square_of_pixels(pixels, positions):
    assert Plane(8, 16).shape(pixels, 16) == (8, positions, 1)
    assert Plane(8, 16).shape(16, pixels) == (8, 1, positions)


def test_hyper_indexes_must_name_existing_rows():
    tensors = make_tensors(1)
    tensors["hyper.indexes"][100, 3] = 64
    with pytest.raises(ModelError, match=r"reach 64, allowed 0\.\.63"):
        architecture_of(tensors)
    tensors["hyper.indexes"] = tensors["hyper.indexes"][:, :3]
    with pytest.raises(ModelError, match=r"hyper\.indexes.*shape"):
        architecture_of(tensors)


def test_only_senders_need_to_know_what_errors_are_worth():
    tensors, quality = make_tensors(1), np.full((1, 1), 50, np.uint8)
    with pytest.raises(ModelError, match=r"no tensor 'quantizer\.error_weights'"):
        architecture_of(tensors).error_weights(1, quality)
    tensors["quantizer.error_weights"] = np.ones((101, 7), np.float32)
    with pytest.raises(ModelError, match="has shape"):
        architecture_of(tensors).error_weights(1, quality)
    weights = np.arange(808, dtype=np.float32).reshape(101, 8)
    tensors["quantizer.error_weights"] = weights
    found = architecture_of(tensors).error_weights(2, quality)
    assert found.tolist() == weights[50][:, None, None].tolist()
