"""A VAE as the codec has it: the posterior is a box, and sending means rounding.

python -m examples.vae_rounding

The posterior is uniform, one step wide, around the mean. Its density is 1, so the KL
divergence is what latents cost under the prior, and there are no bits to get back. A
receiver cannot tell a draw from the box from the rounded mean, which is sent instead.
This takes the codec's own likelihood, with one scale for each latent.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from examples.vae import STEPS, VAE, Cost, fit_vae, mean_cost, pixel_bits
from examples.vae_digits import PIXELS, digits
from vaecodec.models.networks.latent_model import noisy
from vaecodec.models.networks.likelihoods import (
    LOGISTIC_PER_DEVIATION,
    bits,
    bound_scales,
)


class RoundingVAE(VAE):
    """A VAE whose latents are counted in steps of one."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        self.log_scales = nn.Parameter(torch.zeros(self.latents))

    def posterior(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean, and logarithm of the deviation of a box one step wide [B, L]."""
        mean, _ = super().posterior(pictures)
        return mean, torch.full_like(mean, -math.log(12) / 2)

    def prior(self, count: int) -> Tensor:
        """Draws [count, L]: rounded logistics."""
        scale = bound_scales(self.log_scales).exp() * LOGISTIC_PER_DEVIATION
        return torch.round(torch.logit(torch.rand(count, self.latents)) * scale)

    def forward(self, pictures: Tensor) -> Cost:
        """The negative ELBO of pictures [B, 1, 8, 8], in two parts."""
        return self.cost_of(noisy(self.posterior(pictures)[0]), pictures)

    @torch.no_grad()
    def rounded(self, pictures: Tensor) -> Cost:
        """What is sent in truth: whole numbers."""
        return self.cost_of(torch.round(self.posterior(pictures)[0]), pictures)

    def cost_of(self, latents: Tensor, pictures: Tensor) -> Cost:
        """Bits of latents in steps [B, L], and of pixels given them."""
        rate = bits(latents, bound_scales(self.log_scales)).sum(1)
        return Cost(pixel_bits(self.level_bits(latents), pictures), rate)


if __name__ == "__main__":
    train, _, test = digits()
    model = RoundingVAE()
    fit_vae(model, train, steps=STEPS)
    print(mean_cost(model, test.pictures))
    print(f"rounded: {model.rounded(test.pictures).total.mean() / PIXELS:.3f}")
