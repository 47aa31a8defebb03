"""The network that is trained and the programs of its file give the same numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.quadrants.networks.trained_model import crops, lively_model
from vaecodec.models.exact.reference import run
from vaecodec.models.networks.exact_layers import narrows
from vaecodec.models.quadrants import quarters as plain_quarters
from vaecodec.models.quadrants.networks import quarters
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.layer_places import (
    head_exponents,
    layer_places,
)
from vaecodec.models.quadrants.networks.programs import FEATURES_LIMIT, programs

QUALITY = 60


@functools.cache
def model() -> QuadrantVae:
    return lively_model()


@functools.cache
def seen() -> dict[str, Any]:
    """What goes in and out of parts of the network, for one crop."""
    found: dict[str, Any] = {}
    receiver = model()
    parts = {"painter": receiver.painter, "hyper": receiver.prior.hyper_context}
    for number, step in enumerate(receiver.prior.steps):
        parts[f"step{number}"] = step
        step.informed = _noting(step.informed, f"informed{number}", found)
    hooks = [
        part.register_forward_hook(
            lambda _, given, out, name=name: found.__setitem__(name, (given, out))
        )
        for name, part in parts.items()
    ]
    with torch.no_grad():
        receiver(crops(1), torch.tensor([float(QUALITY)]), hard=True)
    for hook in hooks:
        hook.remove()
    return found


def _noting(
    method: Callable[..., torch.Tensor], name: str, found: dict[str, Any]
) -> Callable[..., torch.Tensor]:
    def call(*given: Any) -> torch.Tensor:
        found[name] = given
        return method(*given)

    return call


def integers(values: torch.Tensor, exponent: torch.Tensor) -> np.ndarray:
    """Multiples of 2**exponent; fails if they are none."""
    found = (values.double() / torch.exp2(exponent.double())).numpy()
    assert np.array_equal(found, np.rint(found))
    return found.astype(np.int64)


def outputs(name: str, **given: np.ndarray) -> dict[str, np.ndarray]:
    quality = np.full((1, 1), QUALITY, np.uint8)
    return run(programs(model())[name], given, quality)


def test_the_painter_paints_the_same_pixels():
    painter = model().painter
    (latent, _, _), image = seen()["painter"]
    given = integers(latent[0], painter.latent_exponent)
    levels = torch.round(image[0] * 255).clamp(0, 255).numpy()
    found = outputs("painter", latent=given, hyper=_hyper_symbols())["image"]
    # Where a level lies in the middle, floats may fall to the other side.
    assert np.mean(found != levels) < 1e-3
    assert np.abs(found - levels).max() <= 1
    assert len(np.unique(found)) > 100


def test_the_second_half_of_the_hyper_latent_is_predicted_alike():
    context = model().prior.hyper_context
    (first,), (means, log_scales) = seen()["hyper"]
    both = outputs("hyper", first=first[0].numpy().astype(np.int64))["both"]
    head = context.leave.integers(context.before_leave.exponent, context.leave_rows)
    exponents = head.exponents[:, None, None]
    expected = torch.cat([means, log_scales], 1)[0]
    assert np.array_equal(both, integers(expected, exponents))


@pytest.mark.parametrize("number", range(4))
def test_steps_predict_alike(number):
    step, later = model().prior.steps[number], model().prior.steps[1].block.stream
    (base, context), (means, log_scales) = seen()[f"step{number}"]
    places = quarters.to_places(base.values)[0]
    base = integers(places, base.exponent.repeat(4, 1, 1))
    if number == 0:
        found = outputs("step0", hyper=_hyper_symbols())
        assert np.array_equal(found["base"], base)
        context = seen()["informed1"][0]
    else:
        features, known = seen()[f"informed{number}"]
        magnitudes = step.magnitude(torch.log2(1 + known.symbols.abs().clamp(max=15)))
        inputs = torch.cat([known.normal, magnitudes], 2).flatten(1, 2)[0]
        found = outputs(
            f"step{number}",
            base=base,
            features=integers(features[0], later),
            known=integers(inputs, step.known_exponent(known.exponent)),
        )
    assert np.array_equal(found["context"], integers(context[0], later))
    exponents = head_exponents(layer_places(model()), number)[:, None, None]
    both = torch.stack([means, log_scales], 2).flatten(1, 3)[0]
    assert np.array_equal(found["both"], integers(both, exponents))
    assert np.abs(found["context"]).max() < FEATURES_LIMIT


def _hyper_symbols() -> np.ndarray:
    image, quality = crops(1), torch.tensor([float(QUALITY)])
    with torch.no_grad():
        latent = model().hyper_analysis(model().latent_steps(image, quality))
    return torch.floor(latent[0] + 0.5).clamp(-31, 31).numpy().astype(np.int64)


def test_quarters_are_those_of_the_codec():
    latent = torch.arange(16 * 4 * 8).reshape(1, 16, 4, 8)
    squares = plain_quarters.Squares(4, 8)
    steps = [quarters.gathered(latent, number) for number in range(4)]
    for number, found in enumerate(steps):
        # [1, 4, M / 4, rows, columns] -> [rows, columns, 4, M / 4]
        expected = squares.take(latent[0].numpy(), number)
        assert np.array_equal(found[0].permute(2, 3, 0, 1).numpy(), expected)
    assert torch.equal(quarters.scattered(steps), latent)


def test_places_come_back_where_they_were():
    features = torch.randn(2, 3, 4, 6)
    places = quarters.to_places(features)
    assert places.shape == (2, 12, 2, 3)
    assert torch.equal(places[:, 3:6], features[:, :, 0::2, 1::2])
    assert torch.equal(quarters.from_places(places), features)


def test_nothing_observed_is_far_beyond_its_range():
    receiver = lively_model(exact=False)
    receiver.become_exact(crops())
    for place in narrows(receiver):
        largest = place.largest / torch.exp2(place.exponent) / place.limits[1]
        assert largest.quantile(0.9) < 1.5
    assert receiver.configuration.exact


def test_becoming_exact_costs_little_quality():
    image, quality = crops(4), torch.full((4,), 40.0)
    with torch.no_grad():
        before = lively_model(exact=False)(image, quality, hard=True)
        after = lively_model()(image, quality, hard=True)
    errors = [(coded.decoded - image).square().mean() for coded in (before, after)]
    assert errors[1] < 1.1 * errors[0]
    rates = [sum(coded.rates.values()).mean() for coded in (before, after)]
    assert rates[1] < 1.1 * rates[0]
