from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.models.lattices.small_model import (
    as_images,
    small_model,
    small_tensors,
    soft_picture,
)
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.lattices import head
from vaecodec.models.lattices.geometry import CODED
from vaecodec.models.lattices.names import (
    DIFFERENCES,
    FEATURES,
    HEAD,
    SEEN,
    program_name,
)
from vaecodec.models.lattices.neighbourhood import neighbourhood, part_of
from vaecodec.models.lattices.networks import neighbourhood as in_torch
from vaecodec.models.lattices.receiver import LatticeReceiver


@pytest.mark.parametrize("step", range(3))
def test_networks_and_receivers_look_at_the_same_pixels(step):
    picture = soft_picture(20, 24).astype(np.int16)
    found = neighbourhood(picture, step)
    around = in_torch.surroundings(as_images(picture), step)[0].numpy()
    assert np.array_equal(found.sums, around[:4].sum(0))
    middle = np.floor(around[:4].mean(0) + 0.5)
    expected = np.clip(around - middle, -127, 127).reshape(found.differences.shape)
    assert np.array_equal(found.differences, expected)


@pytest.mark.parametrize("step", range(3))
def test_pixels_that_are_not_known_yet_are_not_looked_at(step):
    picture = soft_picture(20, 24).astype(np.int16)
    blind = picture.copy()
    for place in CODED[step:]:
        part_of(blind, place)[:] = 0
    known, found = (neighbourhood(each, step) for each in (picture, blind))
    assert np.array_equal(known.differences, found.differences)


@torch.no_grad()
@pytest.mark.parametrize(("level", "number"), [(0, 0), (1, 1), (2, 2)])
def test_a_program_computes_what_its_network_computes(level, number):
    step = small_model().steps(level)[number]
    rng = np.random.default_rng(0)
    inputs = step.enter.weight.shape[1]
    differences = rng.integers(-127, 128, (inputs, 6, 8)).astype(np.int8)
    features = rng.integers(-128, 128, (24, 6, 8)).astype(np.int8)
    engine = ExactEngine.from_tensors(program_name(level, number), small_tensors())
    found = engine.run({DIFFERENCES: differences, FEATURES: features})
    given = torch.tensor(features).float() * torch.exp2(step.given)
    expected = step(torch.tensor(differences).float()[None], given[None])
    assert np.array_equal(found[HEAD], 4096 * expected.head[0].numpy())
    unit = torch.exp2(step.before_leave.exponent)
    assert np.array_equal(found[SEEN], (expected.features / unit)[0].numpy())


@torch.no_grad()
def test_files_are_as_long_as_training_says():
    picture = soft_picture(96, 96)
    expected = sum(float(bits.sum()) for bits in small_model()(as_images(picture)))
    data = LatticeReceiver(small_tensors()).encode(picture)
    coarsest = 27  # bytes
    assert len(data) - coarsest == pytest.approx(expected / 8, rel=0.03), expected


@torch.no_grad()
def test_means_and_scales_are_those_of_training():
    rng = np.random.default_rng(0)
    numbers = rng.integers(-100, 100, (head.NUMBERS, 50)).astype(np.int32)
    base = np.full(50, 128 << 8, np.int32)
    numbers[head.SCALES] += 700  # wide laws, so that no error is far out
    values = rng.integers(120, 136, (3, 50)).astype(np.int32)
    cost, errors = 0.0, []
    for place in range(3):
        mean, scale = head.law_of(numbers, place, base, errors)
        errors.append((values[place] << 8) - mean)
        deviation = 2.0 ** (scale / 256)
        upper = (errors[-1] / 256 + 0.5) / deviation
        lower = upper - 1 / deviation
        cost -= np.log2(1 / (1 + np.exp(-upper)) - 1 / (1 + np.exp(-lower))).sum()
    shown = torch.tensor(numbers / 256).float()[None, :, None]
    pixels = torch.zeros(1, 3, 1, 50)
    for colour, samples in zip(head.ORDER, values, strict=True):
        pixels[0, colour, 0] = torch.tensor(samples)
    bits = in_torch.bits(shown, pixels, torch.full((1, 3, 1, 50), 128.0))
    assert float(bits.sum()) == pytest.approx(cost, rel=1e-3)
