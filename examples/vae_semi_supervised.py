"""A VAE that is told ten labels per class, and learns the rest by itself.

python -m examples.vae_semi_supervised

Its prior is a mixture of ten Gaussians, one for each digit. A picture with a label pays
for its latents under the Gaussian of that digit, all others under the whole mixture. So
they gather in heaps, and 100 labels are enough to name these. Bayes' rule turns latents
into labels: no classifier is needed.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from examples.vae import NAT, STEPS, VAE, Cost, drawn, fit, mean_cost, pixel_bits
from examples.vae_digits import CLASSES, Digits, digits, few_labels

LABEL_WEIGHT = 10.0  # of a label's bits against a picture's


class MixtureVAE(VAE):
    """A VAE whose prior has a Gaussian for each class."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        self.means = nn.Parameter(torch.randn(CLASSES, self.latents))
        self.log_deviations = nn.Parameter(torch.zeros(CLASSES, self.latents))

    def prior(self, count: int) -> Tensor:
        """Draws [count, L], of one class after the other."""
        classes = torch.arange(count) % CLASSES
        return drawn(self.means[classes], self.log_deviations[classes])

    def class_bits(self, latents: Tensor) -> Tensor:
        """Bits of latents [B, L] together with each of the classes [B, 10]."""
        given = density_bits(latents[:, None], self.means, self.log_deviations)
        return math.log2(CLASSES) + given

    def classify(self, pictures: Tensor) -> Tensor:
        """The class [B] that costs least with the mean of a picture's latents."""
        mean, _ = self.posterior(pictures)
        return self.class_bits(mean).argmin(1)

    def forward(self, pictures: Tensor) -> Cost:
        """The negative ELBO of pictures [B, 1, 8, 8] without labels, in two parts."""
        cost, _ = self.costs(pictures)
        return cost

    def costs(self, pictures: Tensor) -> tuple[Cost, Tensor]:
        """The same, and the bits that the right one of ten classes costs [B, 10]."""
        posterior = self.posterior(pictures)
        latents = drawn(*posterior)
        by_class = self.class_bits(latents)
        mixture = -NAT * (by_class / -NAT).logsumexp(1)
        pixels = pixel_bits(self.level_bits(latents), pictures)
        cost = Cost(pixels, mixture - density_bits(latents, *posterior))
        return cost, by_class - mixture[:, None]


def density_bits(values: Tensor, mean: Tensor, log_deviation: Tensor) -> Tensor:
    """-log2 of the Gaussian density of values [..., L], summed over L."""
    far = (values - mean) * (-log_deviation).exp()
    return NAT * (far.square() / 2 + log_deviation + math.log(2 * math.pi) / 2).sum(-1)


def fit_semi_supervised(
    model: MixtureVAE, train: Digits, known: Tensor, *, steps: int
) -> None:
    """Train on all pictures, and on the labels of those with the numbers `known`."""

    def loss(batch: Tensor) -> Tensor:
        told = known[torch.randint(len(known), (len(batch) // 2,))]
        cost, class_bits = model.costs(train.pictures[torch.cat([batch, told])])
        right = class_bits[len(batch) :].gather(1, train.labels[told, None])
        return (cost.pixels + cost.latents).mean() + LABEL_WEIGHT * right.mean()

    fit(model, loss, len(train.pictures), steps)


if __name__ == "__main__":
    train, _, test = digits()
    model = MixtureVAE()
    fit_semi_supervised(model, train, few_labels(train), steps=STEPS)
    print(mean_cost(model, test.pictures))
    right = model.classify(test.pictures) == test.labels
    print(f"right labels: {right.float().mean():.1%}")
