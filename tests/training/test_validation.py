from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.models.checkerboard.networks.conftest import (
    photograph_tiles,
    untrained_model,
)
from vaecodec.training.validation import QUALITIES, Validator, estimated_bd_rate

CURVE = [(0.1, 25.0), (0.3, 29.0), (0.8, 34.0), (2.0, 41.0)]


@pytest.fixture(scope="module")
def validator():
    return Validator(photograph_tiles())


@pytest.mark.parametrize("factor", [1.0, 0.9, 1.25])
def test_the_bd_rate_of_a_scaled_curve_is_its_factor(factor):
    scaled = [(factor * rate, psnr) for rate, psnr in CURVE]
    found = estimated_bd_rate(CURVE, scaled)
    assert found == pytest.approx(100 * (factor - 1), abs=1e-9)


def test_the_bd_rate_looks_at_the_shared_range_only():
    cheaper_above = [(0.1, 25.0), (0.3, 29.0), (0.8, 34.0), (1.0, 60.0)]
    assert estimated_bd_rate(CURVE[:3], cheaper_above) == pytest.approx(0, abs=1e-9)


def test_jpeg_is_measured_on_the_same_crops(validator):
    rates, psnrs = np.transpose(validator.jpeg)
    assert validator.crops.shape == (2, 3, 384, 384)
    assert np.all(np.diff(rates) > 0)
    assert np.all(np.diff(psnrs) > 0)
    assert 0.1 < rates[0] < 0.6
    assert 36 < psnrs[-1] < 48


def test_jpeg_keeps_a_flat_crop_without_error():
    flat = torch.full((1, 3, 512, 512), 128, dtype=torch.uint8)
    assert Validator(flat).jpeg[-1][1] == 100


def test_the_curve_of_a_fresh_model_rises(validator):
    report = validator.measure(untrained_model())
    rates, psnrs = np.transpose(report.curve)
    assert len(rates) == len(report.rates["hyper"]) == len(QUALITIES)
    assert np.all(np.diff(rates) > 0)
    assert np.all(np.diff(psnrs) > 0)
    np.testing.assert_allclose(np.sum(list(report.rates.values()), axis=0), rates)
    assert np.isfinite([report.log_objective, report.bd_rate]).all()


def test_a_measurement_can_be_repeated(validator):
    model = untrained_model()
    assert validator.measure(model) == validator.measure(model)
