"""Weights are rounded by what they are worth, and the model stays as good."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from tests.models.quadrants.networks.trained_model import crops, lively_model
from vaecodec.models.networks.exact_layers import set_exact
from vaecodec.models.networks.table_fitting import no_counts
from vaecodec.models.networks.trainable import Roundable
from vaecodec.models.quadrants.networks.layer_places import roundable_layers
from vaecodec.models.quadrants.networks.stored import to_file
from vaecodec.training.curvature import Curvature, measure
from vaecodec.training.terms import Measured
from vaecodec.training.weight_rounding import round_matrix, round_weights

OUTPUTS, INPUTS = 6, 20


def layer() -> nn.Conv2d:
    torch.manual_seed(3)
    return nn.Conv2d(INPUTS, OUTPUTS, 1)


def alike() -> Tensor:
    """Second moments of inputs that nearly say the same."""
    torch.manual_seed(4)
    common = torch.randn(500, 1) + 0.05 * torch.randn(500, INPUTS)
    return (common.T @ common / 500)[None]


def loss(change: Tensor, curvature: Curvature) -> float:
    moments = curvature.inputs[0].double()
    rows = ((change.double() @ moments) * change.double()).sum(1)
    return float((curvature.outputs.double() / 2 * rows).sum())


def test_later_weights_make_up_for_the_errors_of_earlier_ones() -> None:
    place, curvature = Roundable(layer(), 1), Curvature(alike(), torch.ones(OUTPUTS))
    weight = place.layer.weight.detach().flatten(1)  # type: ignore[operator]
    rounded = round_matrix(place, curvature, 1e-6)
    errors = (rounded - weight).abs()
    # As large, but with signs that do not know of each other.
    signs = torch.sign(torch.randn(weight.shape))
    assert loss(rounded - weight, curvature) < loss(signs * errors, curvature) / 10


def test_what_matters_less_is_stored_more_coarsely() -> None:
    outputs = torch.tensor([1.0] * 3 + [1e-4] * 3)
    moments = torch.eye(INPUTS)[None]
    place = Roundable(layer(), 1)
    rounded = round_matrix(place, Curvature(moments, outputs), 1e-5)
    errors = (rounded - place.layer.weight.flatten(1)).abs().mean(1)
    assert errors[3:].min() > 10 * errors[:3].max()


def test_a_receiver_keeps_what_it_can_hold() -> None:
    place = Roundable(layer(), 1, torch.full((OUTPUTS, 1), 2.0**-9), 63)
    with torch.no_grad():
        place.layer.weight.copy_(torch.round(place.layer.weight * 512) / 512)
    curvature = Curvature(alike(), torch.logspace(0, -9, OUTPUTS))
    multiples = round_matrix(place, curvature, 1e-5) * 512
    assert torch.equal(multiples, multiples.round())
    assert multiples.abs().max() <= 63 or torch.equal(
        multiples.abs().amax(1) > 63,
        (place.layer.weight.flatten(1) * 512).abs().amax(1) > 63,
    )
    assert multiples.any(1).all()


def test_at_no_price_a_receiver_keeps_its_weights() -> None:
    place = Roundable(layer(), 1, torch.full((OUTPUTS, 1), 2.0**-9), 255)
    with torch.no_grad():
        place.layer.weight.copy_(torch.round(place.layer.weight * 512) / 512)
    rounded = round_matrix(place, Curvature(alike(), torch.ones(OUTPUTS)), 1e-15)
    assert torch.equal(rounded.float(), place.layer.weight.flatten(1))


def objective(model: nn.Module, image: Tensor, quality: Tensor) -> Tensor:
    torch.manual_seed(6)  # the same noise each time
    with torch.no_grad():
        terms = Measured(model)(image, quality, hard=False)  # type: ignore[arg-type]
    return terms.objective(model.lmbda(quality)).log().mean()  # type: ignore[operator]


def test_a_rounded_model_is_smaller_and_hardly_worse() -> None:
    model, quality = lively_model(), torch.tensor([20.0, 50.0, 80.0])
    image = crops(3)
    before = objective(model, image, quality)
    stored = len(to_file(model, counts=no_counts(), training_images=1))
    layers = roundable_layers(model)
    round_weights(model, layers, [(image, quality)] * 2, price=1e-7)
    after = objective(model, image, quality)
    assert len(to_file(model, counts=no_counts(), training_images=1)) < 0.8 * stored
    assert math.exp(after - before) < 1.01


def test_curvature_foretells_what_a_change_costs() -> None:
    model, image = lively_model(), crops(4)
    set_exact(model, False)
    quality = torch.tensor([20.0, 40.0, 60.0, 80.0])
    name = "painter.leave"  # the objective is a square of what it puts out
    layers = {name: roundable_layers(model)[name]}
    curvature = measure(model, layers, [(image, quality)] * 4)[name]
    weight: Tensor = layers[name].layer.weight  # type: ignore[assignment]
    torch.manual_seed(9)
    change = 0.1 * weight.detach().std() * torch.randn_like(weight)
    foretold = loss(change, curvature)
    costs = []
    for sign in (1, -1):  # what is of first order cancels
        with torch.no_grad():
            weight += sign * change
            costs.append(objective(model, image, quality))
            weight -= sign * change
    cost = sum(costs) / 2 - objective(model, image, quality)
    assert float(cost) == pytest.approx(foretold, rel=0.4)
