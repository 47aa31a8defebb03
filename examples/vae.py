"""A textbook variational autoencoder, trained on small pictures in half a minute.

python -m examples.vae

It learns handwritten digits, 8x8 pixels of 17 levels, which scikit-learn ships:

    picture --analysis--> mean, deviation --draw--> latents --synthesis--> distribution
                          (the posterior)                                  of each pixel

Textbooks call the networks encoder and decoder. All costs are in bits, so the negative
ELBO is the length of a file (`vae_bits_back.py`). The story is told in docs/vae.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR

from examples.vae_digits import LEVELS, PIXELS, Digits, digits
from vaecodec.models.networks.layers import ResidualBlock, pixel_unshuffle, pointwise
from vaecodec.models.networks.likelihoods import bits, bound_scales

LATENTS, CHANNELS = 16, 48
STEPS, BATCH, LEARNING_RATE = 1000, 64, 2e-3
NAT = 1 / math.log(2)  # bits
Loss = Callable[[Tensor], Tensor]  # of the pictures with these numbers [B]


class Cost(NamedTuple):
    """Bits [B] of the pixels given the latents, and of the latents (KL divergence)."""

    pixels: Tensor
    latents: Tensor

    @property
    def total(self) -> Tensor:
        """The negative ELBO, as a whole."""
        return self.pixels + self.latents

    def __str__(self) -> str:
        """Of means in bits per pixel."""
        return f"{self.total:.3f} bits per pixel, {self.latents:.3f} for latents"


class VAE(nn.Module):
    """Posterior N(mean, deviation^2), prior N(0, 1), a logistic for each pixel."""

    def __init__(self, latents: int = LATENTS, channels: int = CHANNELS) -> None:
        super().__init__()
        self.latents = latents
        self.analysis = nn.Sequential(
            pointwise(4, channels),
            *(ResidualBlock(channels, kernel=3) for _ in range(2)),
            nn.Flatten(),  # [B, C, 4, 4] -> [B, 16 C]
            nn.Linear(16 * channels, 2 * latents),
        )
        self.synthesis = nn.Sequential(
            nn.Linear(latents, 16 * channels),
            nn.Unflatten(1, (channels, 4, 4)),
            *(ResidualBlock(channels, kernel=3) for _ in range(2)),
            pointwise(channels, 8),
            nn.PixelShuffle(2),  # [B, 8, 4, 4] -> [B, 2, 8, 8]
        )

    def posterior(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the deviation of each latent [B, L]."""
        return self.analysis(pixel_unshuffle(pictures / 8 - 1, 2)).chunk(2, dim=1)

    def prior(self, count: int) -> Tensor:
        """Draws [count, L]."""
        return torch.randn(count, self.latents)

    def level_bits(self, latents: Tensor) -> Tensor:
        """Latents [B, L] -> bits of every level that a pixel may have [B, 17, 8, 8]."""
        mean, log_scale = self.synthesize(latents).chunk(2, dim=1)
        distance = torch.arange(LEVELS)[:, None, None] - 8 * (mean + 1)
        unbounded = bits(distance, bound_scales(log_scale + 1))
        return -NAT * (unbounded / -NAT).log_softmax(1)  # there are only 17 levels

    def synthesize(self, latents: Tensor) -> Tensor:
        """Latents [B, L] -> mean and log scale of each pixel [B, 2, 8, 8]."""
        return self.synthesis(latents)

    def forward(self, pictures: Tensor) -> Cost:
        """The negative ELBO of pictures [B, 1, 8, 8], in two parts."""
        mean, log_deviation = self.posterior(pictures)
        kl = (mean.square() + (2 * log_deviation).exp() - 1) / 2 - log_deviation
        level_bits = self.level_bits(drawn(mean, log_deviation))
        return Cost(pixel_bits(level_bits, pictures), NAT * kl.sum(1))


def drawn(mean: Tensor, log_deviation: Tensor) -> Tensor:
    """A draw from Gaussians, reparameterised: gradients reach their parameters."""
    return mean + log_deviation.exp() * torch.randn_like(mean)


def pixel_bits(level_bits: Tensor, pictures: Tensor) -> Tensor:
    """Bits [B] of the levels that the pixels of pictures [B, 1, 8, 8] have."""
    return level_bits.gather(1, pictures.long()).sum((1, 2, 3))


def fit(model: nn.Module, loss: Loss, count: int, steps: int) -> None:
    """Train a model on `count` pictures."""
    # With little momentum: some networks learn against each other.
    optimizer = torch.optim.Adam(model.parameters(), betas=(0.5, 0.99))
    schedule = OneCycleLR(optimizer, LEARNING_RATE, steps, cycle_momentum=False)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        loss(torch.randint(count, (BATCH,))).backward()
        optimizer.step()
        schedule.step()
    model.eval()


def fit_vae(model: nn.Module, train: Digits, *, steps: int, beta: float = 1) -> None:
    """Maximise the ELBO, in which the bits of the latents count `beta` times."""

    def loss(batch: Tensor) -> Tensor:
        pixels, latents = model(train.pictures[batch])
        return (pixels + beta * latents).mean()

    fit(model, loss, len(train.pictures), steps)


@torch.no_grad()
def mean_cost(model: nn.Module, pictures: Tensor, draws: int = 20) -> Cost:
    """Bits per pixel, over pictures and draws of their latents."""
    costs = zip(*(model(pictures) for _ in range(draws)), strict=True)
    return Cost(*(torch.cat(part).mean() / PIXELS for part in costs))


if __name__ == "__main__":
    train, _, test = digits()
    fit_vae(model := VAE(), train, steps=STEPS)
    print(mean_cost(model, test.pictures))
