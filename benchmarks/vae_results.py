"""What is measured of the models of docs/vae.md, on pictures they were not trained on.

In: a model. Out: records, in bits per pixel where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from examples.vae import VAE, drawn, mean_cost
from examples.vae_bits_back import BitsBack, first_words, rounded_cost
from examples.vae_digits import PIXELS, Digits, few_labels
from examples.vae_measures import (
    calibration_error,
    distance_to_prior,
    energy_distance,
    level_probabilities,
    neighbour_accuracy,
    reconstruction_error,
)
from examples.vae_pictures import with_noise
from examples.vae_semi_supervised import MixtureVAE
from vaecodec.benchmark.records import Conditions

GRIDS = (1, 2, 4, 8, 16, 32)  # points per unit of the latents


@dataclass(frozen=True)
class Variant:
    """A model.

    Attributes:
        bits: the negative ELBO.
        pixels, latents: its parts.
        error: of reconstructions, in levels.
        calibration: expected calibration error of pixels.
        samples: energy distance of drawn pictures, with pixels of 0..1, to real ones.
        prior: energy distance of latents to N(0, 1).
        labels: share of pictures whose label is found when 100 are known.
    """

    bits: float
    pixels: float
    latents: float
    error: float
    calibration: float
    samples: float
    prior: float
    labels: float


@dataclass(frozen=True)
class Grid:
    """Files with latents on a grid: drawn, with bits back, or rounded without."""

    bits_back: float
    rounded: float


@dataclass(frozen=True)
class VaeResult:
    """The result file.

    Attributes:
        variants: models by their names.
        grids: by their points per unit.
        labels_by_pixels: as `Variant.labels`, by the nearest known pictures.
        conditions: of the run.
    """

    variants: Mapping[str, Variant]
    grids: Mapping[str, Grid]
    labels_by_pixels: float
    conditions: Conditions


@torch.no_grad()
def variant(model: VAE, train: Digits, test: Digits) -> Variant:
    """All numbers of a model."""
    torch.manual_seed(2)
    cost = mean_cost(model, test.pictures)
    probabilities = level_probabilities(model, test.pictures)
    samples = with_noise(model, model.prior(len(test.pictures))).flatten(1)
    numbers = {
        "bits": float(cost.total),
        "pixels": float(cost.pixels),
        "latents": float(cost.latents),
        "error": reconstruction_error(probabilities, test.pictures),
        "calibration": calibration_error(probabilities, test.pictures),
        "samples": energy_distance(
            samples.flatten(1) / 16, test.pictures.flatten(1) / 16
        ),
        "prior": distance_to_prior(drawn(*model.posterior(test.pictures))),
        "labels": label_accuracy(model, train, test),
    }
    return Variant(**{name: round(value, 4) for name, value in numbers.items()})


def label_accuracy(model: VAE, train: Digits, test: Digits) -> float:
    """By the model itself if it knows labels, else by the nearest known latents."""
    if isinstance(model, MixtureVAE):
        return float((model.classify(test.pictures) == test.labels).float().mean())
    pairs = known_pictures(train), test
    latents = [Digits(model.posterior(some.pictures)[0], some.labels) for some in pairs]
    return neighbour_accuracy(*latents)


def known_pictures(train: Digits) -> Digits:
    """Those with a label."""
    known = few_labels(train)
    return Digits(train.pictures[known], train.labels[known])


def coding(model: VAE, test: Digits) -> dict[str, Grid]:
    """Bits per pixel of whole files, with the words that the first draw needed."""
    return {str(grid): _grid(model, test, grid) for grid in GRIDS}


def _grid(model: VAE, test: Digits, grid: int) -> Grid:
    code, words = BitsBack(model, grid), first_words()
    packed = code.pack(test.pictures, words)
    pictures, _ = code.unpack(packed, len(test.pictures))
    if not torch.equal(pictures, test.pictures):
        raise RuntimeError(f"grid {grid}: other pictures came back")
    rounded = float(rounded_cost(model, test.pictures, grid).total.mean()) / PIXELS
    bits = 32 * packed.size / test.pictures.numel()
    return Grid(round(bits, 4), round(rounded, 4))
