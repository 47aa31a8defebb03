"""What a VAE is worth: reconstructions, confidence, latents and labels in numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from examples.vae import VAE, drawn
from examples.vae_digits import LEVELS, Digits

DRAWS = 10  # of uncertain weights
BINS = 10


@torch.no_grad()
def level_probabilities(model: VAE, pictures: Tensor) -> Tensor:
    """Of every level of a pixel [N, 17, 8, 8], given latents drawn from the posterior.

    Averaged over weights where these are uncertain, but not over latents: the posterior
    has seen the picture, and so would know better than its mean claims.
    """
    latents = drawn(*model.posterior(pictures))
    draws = [torch.exp2(-model.level_bits(latents)) for _ in range(DRAWS)]
    return torch.stack(draws).mean(0)


def expected_levels(probabilities: Tensor) -> Tensor:
    """Of pixels [N, 1, 8, 8], from the probabilities [N, 17, 8, 8] of their levels."""
    levels = torch.arange(LEVELS)[:, None, None]
    return (probabilities * levels).sum(1, keepdim=True)


def reconstruction_error(probabilities: Tensor, pictures: Tensor) -> float:
    """Root mean squared error of the expected levels."""
    error = expected_levels(probabilities) - pictures
    return float(error.square().mean().sqrt())


def calibration_error(probabilities: Tensor, pictures: Tensor) -> float:
    """Expected calibration error: how far confidence is from what comes true.

    Of the pixels whose likeliest level has a probability near p, a share p should have
    that level (Guo et al., "On calibration of modern neural networks", 2017).
    """
    confidence, level = probabilities.max(1, keepdim=True)
    gap = (level == pictures).float() - confidence
    bins = (confidence * BINS).long().clamp(max=BINS - 1)
    sums = torch.zeros(BINS).index_add_(0, bins.flatten(), gap.flatten())
    return float(sums.abs().sum() / gap.numel())


def energy_distance(some: Tensor, others: Tensor) -> float:
    """Distance of two clouds of points [N, D] and [M, D]: 0 if they are alike."""
    between = torch.cdist(some, others).mean()
    return float(2 * between - torch.pdist(some).mean() - torch.pdist(others).mean())


def distance_to_prior(latents: Tensor) -> float:
    """Energy distance of latents [N, L] to as many draws from N(0, 1)."""
    prior = torch.randn(latents.shape, generator=torch.Generator().manual_seed(1))
    return energy_distance(latents, prior)


def neighbour_accuracy(known: Digits, asked: Digits) -> float:
    """How often the nearest known picture has the right label.

    Both may hold latents [N, L] instead of pictures.
    """
    nearest = torch.cdist(asked.pictures.flatten(1), known.pictures.flatten(1)).argmin(
        1
    )
    return float((known.labels[nearest] == asked.labels).float().mean())
