"""What the eye's distortion sees, and what it leaves alone."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.models.checkerboard.networks.conftest import (
    TINY,
    photograph_planes,
    untrained_model,
)
from vaecodec.training.objective import (
    anchor_error,
    eye_distortion,
    smooth_error,
    squared_error,
    structure_value,
)
from vaecodec.training.terms import Measured

LAMBDA = torch.tensor([0.01])


def crop():
    return photograph_planes()[0][None, :, 64:256, 128:320] / 255


def test_equal_images_have_no_distortion():
    assert eye_distortion(crop(), crop(), LAMBDA).item() == pytest.approx(0, abs=0.1)


def test_blur_is_worse_for_the_eye_than_noise_of_the_same_squared_error():
    image = crop()
    blurred = torch.nn.functional.avg_pool2d(
        image, 5, stride=1, padding=2, count_include_pad=False
    )
    deviation = (blurred - image).square().mean().sqrt()
    noisy = image + deviation * torch.randn(image.shape)
    assert squared_error(image, noisy).item() == pytest.approx(
        squared_error(image, blurred).item(), rel=0.05
    )
    assert eye_distortion(image, blurred, LAMBDA) > eye_distortion(image, noisy, LAMBDA)


def test_an_error_of_luma_counts_more_than_one_of_colour():
    image = crop()
    gray = torch.full((3, 1, 1), 3 / 255)
    red_for_green = torch.tensor([0.587, -0.299, 0])[:, None, None] / 0.587 * 3 / 255
    luma = anchor_error(image, image + gray).item()
    colour = anchor_error(image, image + red_for_green).item()
    assert luma == pytest.approx(1.3 * 9, rel=1e-3)
    error = squared_error(image, image + red_for_green).item()
    assert colour == pytest.approx(0.5 * error, rel=1e-3)


def test_a_shift_of_colour_counts_in_plain_areas_alone():
    plain = torch.full((1, 3, 64, 64), 0.5)
    shift = torch.tensor([3 / 255, 0, 0])[:, None, None]
    assert smooth_error(plain, plain + shift).item() == pytest.approx(3, rel=1e-3)
    busy = (plain + 0.2 * torch.randn(plain.shape)).clamp(0, 1)
    assert smooth_error(busy, busy + shift).item() < 0.1


def test_noise_without_a_shift_hardly_counts_as_a_smooth_error():
    plain = torch.full((1, 3, 64, 64), 0.5)
    noisy = plain + 2 / 255 * torch.randn(plain.shape)
    assert smooth_error(plain, noisy).item() < 0.2
    assert squared_error(plain, noisy).item() > 3


def test_structure_weighs_more_at_high_rates():
    low, high = structure_value(torch.tensor([8e-5, 0.6])).tolist()
    assert (low, high) == pytest.approx((4.1, 10.4), abs=0.1)


@pytest.mark.parametrize("tune", ["eye", "psnr"])
def test_a_model_minimises_what_it_is_tuned_for(tune):
    configuration = dataclasses.replace(TINY, tune=tune)
    model = untrained_model(configuration)
    terms = Measured(model)(crop(), torch.tensor([50.0]), hard=True)
    assert (terms.distortion.item() == terms.mse_255.item()) == (tune == "psnr")
    terms.objective(torch.ones(1)).sum().backward()
    assert model.analysis.bypass.weight.grad.abs().max() > 0
