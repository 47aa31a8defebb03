"""The models of docs/vae.md, trained the same way.

In: the name of a variant. Out: a model, always the same on the same machine.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from examples.vae import VAE, fit_vae
from examples.vae_adversarial import AdversarialAutoencoder, fit_adversarial
from examples.vae_bayesian import BayesianVAE, fit_bayesian
from examples.vae_digits import Digits, few_labels
from examples.vae_rounding import RoundingVAE
from examples.vae_semi_supervised import MixtureVAE, fit_semi_supervised

PLAIN, ROUNDING, ADVERSARIAL = "VAE", "rounding", "adversarial"
BAYESIAN, MIXTURE = "Bayesian weights", "100 labels"
FEW = 100  # pictures


def trained(name: str, train: Digits, *, steps: int) -> VAE:
    """A variant after so many steps."""
    torch.manual_seed(1)
    return VARIANTS[name](train, steps)


def _plain(train: Digits, steps: int) -> VAE:
    model = VAE()
    fit_vae(model, train, steps=steps)
    return model


def _rounding(train: Digits, steps: int) -> VAE:
    model = RoundingVAE()
    fit_vae(model, train, steps=steps)
    return model


def _adversarial(train: Digits, steps: int) -> VAE:
    model = AdversarialAutoencoder()
    fit_adversarial(model, train, steps=steps)
    return model


def _bayesian(train: Digits, steps: int) -> VAE:
    model = BayesianVAE()
    fit_bayesian(model, train, steps=steps)
    return model


def _mixture(train: Digits, steps: int) -> VAE:
    model = MixtureVAE()
    fit_semi_supervised(model, train, few_labels(train), steps=steps)
    return model


def _few(train: Digits) -> Digits:
    return Digits(train.pictures[:FEW], train.labels[:FEW])


VARIANTS: dict[str, Callable[[Digits, int], VAE]] = {
    PLAIN: _plain,
    ROUNDING: _rounding,
    ADVERSARIAL: _adversarial,
    MIXTURE: _mixture,
    BAYESIAN: _bayesian,
    f"VAE, {FEW} pictures": lambda train, steps: _plain(_few(train), steps),
    f"{BAYESIAN}, {FEW} pictures": lambda train, steps: _bayesian(_few(train), steps),
}
