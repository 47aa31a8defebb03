"""An adversarial autoencoder: a critic, not the KL divergence, shapes the latents.

python -m examples.vae_adversarial

The critic learns to tell latents of pictures from draws of the prior; the analysis
learns to fool it (Makhzani et al., "Adversarial autoencoders", 2015). All pictures
together then fill the prior, so that draws from it become good pictures. But nothing
asks what the latents of a single picture cost.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import softplus

from examples.vae import STEPS, VAE, drawn, fit, mean_cost, pixel_bits
from examples.vae_digits import Digits, digits
from examples.vae_measures import distance_to_prior

HIDDEN = 128
FOOLING = 30.0  # bits that a nat of the critic's is worth


class AdversarialAutoencoder(VAE):
    """A VAE with a critic of latents."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        self.critic = nn.Sequential(
            nn.Linear(self.latents, HIDDEN),
            nn.LeakyReLU(0.1),
            nn.Linear(HIDDEN, HIDDEN),
            nn.LeakyReLU(0.1),
            nn.Linear(HIDDEN, 1),  # above 0: more likely a draw of the prior
        )

    def adversarial_loss(self, pictures: Tensor) -> Tensor:
        """Bits of pixels, and the losses of both opponents [B]."""
        latents = drawn(*self.posterior(pictures))
        standing = {
            name: part.detach() for name, part in self.critic.named_parameters()
        }
        fooling = softplus(-functional_call(self.critic, standing, (latents,)))
        told = softplus(self.critic(latents.detach()))
        told = told + softplus(-self.critic(torch.randn_like(latents)))
        pixels = pixel_bits(self.level_bits(latents), pictures)
        return pixels + (FOOLING * fooling + told)[:, 0]


def fit_adversarial(
    model: AdversarialAutoencoder, train: Digits, *, steps: int
) -> None:
    """Train all three networks side by side."""

    def loss(batch: Tensor) -> Tensor:
        return model.adversarial_loss(train.pictures[batch]).mean()

    fit(model, loss, len(train.pictures), steps)


if __name__ == "__main__":
    train, _, test = digits()
    model = AdversarialAutoencoder()
    fit_adversarial(model, train, steps=STEPS)
    latents = drawn(*model.posterior(test.pictures)).detach()
    print(mean_cost(model, test.pictures))
    print(f"distance of the latents to the prior: {distance_to_prior(latents):.3f}")
