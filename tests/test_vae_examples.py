"""The variational autoencoders of `examples/`, trained for a second each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

import examples.vae
from examples import vae_adversarial
from examples.vae import VAE, fit_vae, mean_cost
from examples.vae_adversarial import AdversarialAutoencoder, fit_adversarial
from examples.vae_bayesian import BayesianVAE, fit_bayesian
from examples.vae_bits_back import BitsBack, first_words, rounded_cost
from examples.vae_digits import PIXELS, Digits, digits, few_labels
from examples.vae_measures import (
    calibration_error,
    distance_to_prior,
    energy_distance,
    neighbour_accuracy,
)
from examples.vae_pictures import reconstructions, strip, traversal, with_noise
from examples.vae_rounding import RoundingVAE
from examples.vae_semi_supervised import MixtureVAE, fit_semi_supervised

SIZES = 6, 16  # latents, channels
STEPS = 150


@pytest.fixture(scope="module", autouse=True)
def haste() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examples.vae, "LEARNING_RATE", 6e-3)
        yield


@pytest.fixture(scope="module")
def train() -> Digits:
    return digits()[0]


@pytest.fixture(scope="module")
def some() -> torch.Tensor:
    """Pictures that nothing was trained on."""
    return digits()[2].pictures[:60]


@pytest.fixture(scope="module")
def vae(train: Digits) -> VAE:
    torch.manual_seed(1)
    model = VAE(*SIZES)
    fit_vae(model, train, steps=STEPS)
    return model


def test_the_parts_of_the_digits_have_no_picture_in_common() -> None:
    parts = digits()
    assert [len(part.pictures) for part in parts] == [1097, 200, 500]
    pictures = torch.cat([part.pictures for part in parts]).flatten(1)
    assert len({row.numpy().tobytes() for row in pictures}) == 1797


def test_training_raises_the_elbo(vae: VAE, some: torch.Tensor) -> None:
    torch.manual_seed(1)
    assert float(mean_cost(vae, some).total) < 0.6 * mean_cost(VAE(*SIZES), some).total


def test_the_levels_of_a_pixel_have_a_probability_of_one_together(vae: VAE) -> None:
    sums = torch.exp2(-vae.level_bits(vae.prior(10))).sum(1)
    assert torch.allclose(sums, torch.ones(10, 8, 8), atol=1e-5)


def test_bits_back_gives_the_pictures_and_the_first_words_back_at_the_elbo(
    vae: VAE, some: torch.Tensor
) -> None:
    coding, words = BitsBack(vae), first_words()
    packed = coding.pack(some, words)
    pictures, left = coding.unpack(packed, len(some))
    assert torch.equal(pictures, some)
    assert np.array_equal(left, words)
    bits = 32 * (packed.size - words.size) / some.numel()
    assert bits == pytest.approx(float(mean_cost(vae, some).total), rel=0.02)


def test_without_variance_a_finer_grid_costs_a_bit_for_each_latent(
    vae: VAE, some: torch.Tensor
) -> None:
    fine, finer = (rounded_cost(vae, some, grid) for grid in (128, 256))
    more = (finer.total - fine.total).mean()
    assert float(more) == pytest.approx(SIZES[0], rel=0.05)
    coarse = rounded_cost(vae, some, 1).total.mean() / PIXELS
    assert coarse > float(mean_cost(vae, some).total)


def test_beta_moves_bits_from_latents_to_pixels(
    vae: VAE, train: Digits, some: torch.Tensor
) -> None:
    torch.manual_seed(1)
    cheap = VAE(*SIZES)
    fit_vae(cheap, train, steps=STEPS, beta=8)
    pixels, latents = mean_cost(cheap, some)
    assert latents < 0.7 * mean_cost(vae, some).latents
    assert pixels > mean_cost(vae, some).pixels


def test_rounded_latents_cost_what_the_uniform_posterior_says(
    train: Digits, some: torch.Tensor
) -> None:
    torch.manual_seed(1)
    model = RoundingVAE(*SIZES)
    fit_vae(model, train, steps=STEPS)
    sent = float(model.rounded(some).total.mean()) / PIXELS
    assert sent == pytest.approx(float(mean_cost(model, some).total), rel=0.05)


def test_a_critic_brings_the_latents_nearer_to_the_prior(
    monkeypatch: pytest.MonkeyPatch, train: Digits, some: torch.Tensor
) -> None:
    distances = []
    for fooling in (0.0, vae_adversarial.FOOLING):
        monkeypatch.setattr(vae_adversarial, "FOOLING", fooling)
        torch.manual_seed(1)
        model = AdversarialAutoencoder(*SIZES)
        fit_adversarial(model, train, steps=STEPS)
        mean, _ = model.posterior(some)
        distances.append(distance_to_prior(mean.detach()))
    assert distances[1] < 0.5 * distances[0]


def test_uncertain_weights_learn_and_leave_some_doubt(
    train: Digits, some: torch.Tensor
) -> None:
    torch.manual_seed(1)
    model = BayesianVAE(*SIZES)
    before = model.weight_bits().detach(), mean_cost(model, some).total
    fit_bayesian(model, train, steps=STEPS)
    after = model.weight_bits().detach(), mean_cost(model, some).total
    assert after[1] < 0.7 * before[1]
    pixels = train.pictures.numel()
    assert after[0] + pixels * after[1] < 0.7 * (before[0] + pixels * before[1])
    latents = model.prior(1)
    assert not torch.equal(model.level_bits(latents), model.level_bits(latents))


def test_ten_labels_per_class_name_most_pictures(train: Digits) -> None:
    torch.manual_seed(1)
    known = few_labels(train)
    assert torch.bincount(train.labels[known]).tolist() == [10] * 10
    model = MixtureVAE(*SIZES)
    fit_semi_supervised(model, train, known, steps=STEPS)
    _, _, test = digits()
    right = model.classify(test.pictures) == test.labels
    assert right.float().mean() > 0.6


def test_confidence_that_comes_true_is_no_calibration_error() -> None:
    generator = torch.Generator().manual_seed(1)
    probabilities = torch.full((500, 17, 8, 8), 0.3 / 16)
    probabilities[:, 3] = 0.7
    right = torch.rand(500, 1, 8, 8, generator=generator)
    assert calibration_error(probabilities, 3.0 + (right > 0.7)) < 0.01
    assert calibration_error(probabilities, 3.0 + (right > 0.4)) > 0.25


def test_clouds_that_differ_have_a_distance() -> None:
    torch.manual_seed(1)
    some, same, other = torch.randn(3, 500, 4)
    assert abs(energy_distance(some, same)) < 0.02
    assert energy_distance(some, other + 1) > 0.3


def test_the_nearest_neighbour_of_a_known_picture_is_itself(train: Digits) -> None:
    known = Digits(train.pictures[:50], train.labels[:50])
    assert neighbour_accuracy(known, known) == 1


def test_pictures_are_drawn_side_by_side(vae: VAE, some: torch.Tensor) -> None:
    kept = reconstructions(vae, some)
    assert (kept - some).abs().mean() < (some.mean(0) - some).abs().mean()
    way = traversal(vae, some[0], 5, rank=0)
    assert not torch.equal(way[0], way[-1])
    drawn = with_noise(vae, vae.prior(3))
    assert drawn.max() <= 16
    assert strip(torch.cat([way, drawn]), scale=2).shape == (18, 8 * 18, 3)
