"""What a VAE draws: strips of digits, side by side."""

from __future__ import annotations

import torch
from torch import Tensor

from examples.vae import VAE
from examples.vae_measures import expected_levels

REACH = 3.0  # deviations of the prior


@torch.no_grad()
def painted(model: VAE, latents: Tensor) -> Tensor:
    """Expected pictures [N, 1, 8, 8] of latents [N, L]."""
    return expected_levels(torch.exp2(-model.level_bits(latents)))


@torch.no_grad()
def with_noise(model: VAE, latents: Tensor) -> Tensor:
    """Pictures [N, 1, 8, 8] in which each pixel is drawn, too."""
    probabilities = torch.exp2(-model.level_bits(latents)).permute(0, 2, 3, 1)
    levels = torch.multinomial(probabilities.flatten(0, 2), 1)
    return levels.reshape(-1, 1, 8, 8).float()


@torch.no_grad()
def reconstructions(model: VAE, pictures: Tensor) -> Tensor:
    """Pictures as they come back from the means of their latents."""
    return painted(model, model.posterior(pictures)[0])


@torch.no_grad()
def traversal(model: VAE, picture: Tensor, count: int, rank: int) -> Tensor:
    """A picture [1, 8, 8] with one latent going from -REACH to REACH [count, 1, 8, 8].

    The latent whose posterior is the `rank`-th narrowest: narrow ones say most.
    """
    mean, log_deviation = model.posterior(picture[None])
    latents = mean.repeat(count, 1)
    latents[:, log_deviation[0].argsort()[rank]] = torch.linspace(-REACH, REACH, count)
    return painted(model, latents)


def strip(pictures: Tensor, scale: int = 4) -> Tensor:
    """Pictures [N, 1, 8, 8] as black ink on white, side by side: uint8 [H, W, 3]."""
    ink = 255 - (pictures[:, 0] * (255 / 16)).round().clamp(0, 255).byte()
    large = ink.repeat_interleave(scale, 1).repeat_interleave(scale, 2)
    framed = torch.nn.functional.pad(large, (1, 1, 1, 1), value=200)
    line = torch.cat(list(framed), dim=1)  # [8 scale + 2, N (8 scale + 2)]
    return line[..., None].repeat(1, 1, 3)
