"""A VAE with uncertain weights: each has a mean and a deviation that are learned.

python -m examples.vae_bayesian

"Bayes by backprop" (Blundell et al., "Weight uncertainty in neural networks", 2015) is
the trick of the VAE once more, for the weights of the synthesis instead of the latents:
draw them from a posterior and pay the KL divergence to a prior. The loss is then the
length of everything: weights, latents and pixels of all pictures. Many weights turn out
not to be worth their bits.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call

from examples.vae import NAT, STEPS, VAE, drawn, fit, mean_cost
from examples.vae_digits import Digits, digits
from examples.vae_measures import calibration_error, level_probabilities

FIRST_LOG_DEVIATION = -4.0


class BayesianVAE(VAE):
    """A VAE that draws the weights of its synthesis anew for each batch."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        self.log_deviations = nn.ParameterList(
            torch.full_like(mean, FIRST_LOG_DEVIATION)
            for mean in self.synthesis.parameters()
        )

    def synthesize(self, latents: Tensor) -> Tensor:
        """As that of a VAE, with new weights at each call."""
        means = self.synthesis.named_parameters()
        weights = {
            name: drawn(mean, log_deviation)
            for (name, mean), log_deviation in zip(
                means, self.log_deviations, strict=True
            )
        }
        return functional_call(self.synthesis, weights, (latents,))

    def weight_bits(self) -> Tensor:
        """KL divergence of weights to N(0, s^2), with the best s for each tensor."""
        both = zip(self.synthesis.parameters(), self.log_deviations, strict=True)
        return NAT * sum(
            (
                (mean.square() + (2 * log_deviation).exp()).mean().log() / 2
                - log_deviation
            ).sum()
            for mean, log_deviation in both
        )


def fit_bayesian(model: BayesianVAE, train: Digits, *, steps: int) -> None:
    """Minimise the bits of everything; each picture bears its share of the weights."""
    count = len(train.pictures)

    def loss(batch: Tensor) -> Tensor:
        cost = model(train.pictures[batch])
        return (cost.pixels + cost.latents).mean() + model.weight_bits() / count

    fit(model, loss, count, steps)


if __name__ == "__main__":
    train, _, test = digits()
    model = BayesianVAE()
    fit_bayesian(model, train, steps=STEPS)
    print(mean_cost(model, test.pictures))
    probabilities = level_probabilities(model, test.pictures)
    print(f"calibration error {calibration_error(probabilities, test.pictures):.4f}")
    print(f"weights worth {model.weight_bits().item() / 8:,.0f} bytes")
