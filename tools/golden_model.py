"""The small model of the golden files, made once: tests/golden/model.safetensors.

No training: the KLT of photographs, float networks with random corrections, and random
integer networks, narrow so that a decoder in plain Python is fast, which choose rows
around those that fit the KLT. What matters is that every part of a file occurs: many
rows, symbols that are not coded, escapes, and a second pass that differs from the
first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vaecodec.models.checkerboard.known_answer import TENSOR, known_answer
from vaecodec.models.checkerboard.networks import first_step
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.model_file import pack_model, parse_model
from vaecodec.models.networks.table_fitting import no_counts

SEED = 1
SIZES = Configuration(
    name="golden",
    latent_channels=16,
    hyper_channels=6,
    coarse_channels=16,
    fine_channels=8,
)
LATENT, HYPER = SIZES.latent_channels, SIZES.hyper_channels
OUTER, INNER, GATHERED, HIDDEN = 8, 12, 6, 16
SHAPES = {
    "expand1": (4 * OUTER, HYPER),
    "spread1": (OUTER, 3, 3),
    "expand2": (4 * INNER, OUTER),
    "spread2": (INNER, 3, 3),
    "hidden_first": (HIDDEN, INNER),
    "output_first": (LATENT, HIDDEN),
    "gather": (GATHERED, LATENT),
    "spread_symbols": (GATHERED, 5, 5),
    "hidden_second": (HIDDEN, GATHERED + INNER),
    "output_second": (LATENT, HIDDEN),
}


def golden_model(photographs: list[NDArray[np.uint8]]) -> bytes:
    """A model file for photographs like these, uint8 [H, W, 3] each."""
    torch.manual_seed(SEED)
    model = HierarchicalVae(SIZES).eval()
    planes = [torch.from_numpy(photograph.copy()) for photograph in photographs]
    first_step.initialize(model, [plane.permute(2, 0, 1) for plane in planes])
    _enliven(model)
    stored = parse_model(to_file(model, counts=no_counts(), training_images=0))
    tensors = dict(stored.tensors) | _integer_networks(np.random.default_rng(SEED))
    tensors[TENSOR] = known_answer(ScaleNetworks(tensors))
    return pack_model(tensors, stored.metadata)


@torch.no_grad()
def _enliven(model: HierarchicalVae) -> None:
    """Give the networks something to say that are silent before training."""
    for name, parameter in model.named_parameters():
        if name.endswith("leave.weight"):
            parameter.mul_(4)
        if name == "first_means.weight":
            parameter.normal_(std=0.1)
        if name == "hyper_analysis.layers.6.weight":
            parameter.mul_(4)
        if name.endswith(("knots", "bias")):
            parameter.add_(0.02 * torch.randn_like(parameter))


def _integer_networks(rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Weights and biases of all layers; the offsets stay those of the KLT."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, shape in SHAPES.items():
        is_output = name.startswith("output")
        deviation = (0.4 if is_output else 1.2) / np.sqrt(np.prod(shape[1:]))
        weight = rng.normal(0, deviation, shape)
        bias = rng.normal(0 if is_output else 0.5, 0.3, shape[0])
        tensors[f"scale.{name}.weight"] = (weight * 2**12).round().astype(np.int16)
        tensors[f"scale.{name}.bias"] = (bias * 2**20).round().astype(np.int32)
    return tensors
