from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.models.checkerboard.networks.conftest import TINY, untrained_model
from vaecodec.training.speed import SIDE, matrix_peak, training_operations


def test_operations_are_those_of_every_convolution_three_times():
    model = untrained_model(TINY)
    products = []

    def note(layer, _, output):
        products.append(output.numel() * layer.weight[0].numel())

    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(note)
    measured = training_operations(model)
    # The curves over quality are small matrix products of their own.
    assert 3 * 2 * sum(products) / SIDE**2 == pytest.approx(measured, rel=0.01)
    assert len(products) > 30


def test_the_peak_is_that_of_a_matrix_product():
    assert 1e8 < matrix_peak("cpu") < 1e15
    assert torch.get_default_dtype() == torch.float32
