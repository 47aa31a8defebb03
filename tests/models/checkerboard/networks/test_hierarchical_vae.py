from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.models.checkerboard.networks.conftest import (
    TINY,
    as_batch,
    draw_symbols,
    lively_model,
)
from vaecodec.models.checkerboard.board import Checkerboard
from vaecodec.models.checkerboard.networks.graphs import Means
from vaecodec.models.checkerboard.networks.hierarchical_vae import first_group
from vaecodec.models.exact.integer_network import shuffle_pixels

QUALITY = torch.tensor([40.0])


def means_of(model, hyper, latent):
    with torch.inference_mode():
        return Means(model)(
            torch.from_numpy(hyper), torch.from_numpy(latent), QUALITY[None]
        ).numpy()


def mask_of(latent):
    return first_group(torch.from_numpy(latent)).numpy() == 1


@pytest.mark.parametrize("shape", [(2, 1, 1), (4, 3, 5), (16, 8, 12)])
def test_training_and_entropy_coder_form_the_same_groups(shape):
    mask = first_group(torch.zeros(shape)).numpy()
    board = Checkerboard(*shape[1:])
    first, second = board.take(mask, 0), board.take(mask, 1)
    assert np.all(first == 1)
    assert np.all(second == 0)


def test_neighbours_and_the_next_channel_are_in_the_other_group():
    mask = first_group(torch.zeros(4, 6, 6))
    assert mask[0, 0, 0] == 1
    for axis in range(3):
        assert torch.all(mask.diff(dim=axis).abs() == 1)


def test_means_of_the_first_group_depend_on_the_hyper_latent_alone():
    model = lively_model()
    hyper, latent = draw_symbols(1)
    mask = mask_of(latent)
    before = means_of(model, hyper, latent)
    assert np.array_equal(means_of(model, hyper, 0 * latent)[mask], before[mask])
    assert not np.allclose(means_of(model, 0 * hyper, latent)[mask], before[mask])


def test_the_second_group_sees_the_first_and_not_itself():
    model = lively_model()
    hyper, latent = draw_symbols(2)
    mask = mask_of(latent)
    before = means_of(model, hyper, latent)
    other_second = np.where(mask, latent, -latent + 3).astype(np.int16)
    assert np.array_equal(means_of(model, hyper, other_second), before)
    other_first = np.where(mask, -latent + 3, latent).astype(np.int16)
    moved = np.abs(means_of(model, hyper, other_first) - before)
    assert np.mean(moved[~mask] > 1e-3) > 0.9


def test_the_scales_of_the_second_group_see_the_first_and_not_its_signs():
    networks = lively_model().scale
    hyper, latent = draw_symbols(3)
    first = as_batch(latent * mask_of(latent))
    with torch.inference_mode():
        features = networks.features(as_batch(hyper))
        before = networks.second_pass(features, first, QUALITY)
        assert torch.equal(networks.second_pass(features, -first, QUALITY), before)
        larger = networks.second_pass(features, 3 * first, QUALITY)
    assert not torch.allclose(larger, before, atol=1e-3)


def test_pixels_are_shuffled_alike_in_torch_and_in_integers():
    rng = np.random.default_rng(4)
    values = rng.integers(0, 4096, (12, 3, 5)).astype(np.float64)
    expected = functional.pixel_shuffle(torch.from_numpy(values), 2).numpy()
    assert np.array_equal(shuffle_pixels(values), expected)


def test_dequantizing_undoes_the_gain():
    model = lively_model()
    torch.manual_seed(5)
    latent = torch.randn(1, TINY.latent_channels, 4, 4)
    with torch.inference_mode():
        steps = latent * model.log_gain(QUALITY).exp()
        back = model.dequantize(torch.zeros_like(steps), steps, QUALITY)
    assert torch.allclose(back, latent, atol=1e-6)
