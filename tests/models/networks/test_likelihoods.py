from __future__ import annotations

import math

import pytest
import torch

from vaecodec.models.networks.likelihoods import (
    LOG_MAXIMUM,
    LOG_MINIMUM,
    bits,
    bound_scales,
    round_through,
)


@pytest.mark.parametrize("log_scale", [LOG_MINIMUM, -1.0, 0.0, 2.0, LOG_MAXIMUM])
def test_the_probabilities_of_all_integers_sum_to_one(log_scale):
    values = torch.arange(-6000, 6001).double()
    cost = bits(values, torch.full_like(values, log_scale))
    assert torch.exp2(-cost).sum().item() == pytest.approx(1, abs=1e-9)


def test_a_logistic_of_deviation_one_has_its_known_probability_of_zero():
    cost = bits(torch.zeros(1), torch.zeros(1))
    known = math.tanh(math.pi / (4 * math.sqrt(3)))
    assert torch.exp2(-cost).item() == pytest.approx(known, abs=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.5, -1000.0, 1000.0, 32767.0])
@pytest.mark.parametrize("log_scale", [LOG_MINIMUM, 0.0, LOG_MAXIMUM])
def test_bits_and_their_gradients_stay_finite_at_the_extremes(value, log_scale):
    values = torch.tensor([value], requires_grad=True)
    log_scales = torch.tensor([log_scale], requires_grad=True)
    cost = bits(values, log_scales)
    cost.backward()
    assert 0 <= cost.item() < float("inf")
    assert values.grad.isfinite().all()
    assert log_scales.grad.isfinite().all()


def test_scales_outside_the_table_only_take_gradients_that_lead_back():
    inside = torch.tensor([LOG_MINIMUM - 1, 0.0, LOG_MAXIMUM + 1])
    for direction, expected in ((1.0, [0, 1, 1]), (-1.0, [-1, -1, 0])):
        scales = inside.clone().requires_grad_()
        bounded = bound_scales(scales)
        (direction * bounded).sum().backward()
        assert bounded.tolist() == pytest.approx([LOG_MINIMUM, 0, LOG_MAXIMUM])
        assert scales.grad.tolist() == expected


def test_rounding_lets_the_gradient_through():
    values = torch.tensor([-1.5, -0.2, 0.5, 2.7], requires_grad=True)
    rounded = round_through(values)
    (rounded * torch.arange(4)).sum().backward()
    assert rounded.tolist() == [-1, 0, 1, 3]
    assert values.grad.tolist() == [0, 1, 2, 3]
