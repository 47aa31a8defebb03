"""Small models of this architecture in PyTorch, set up from photographs."""

from __future__ import annotations

import copy
import functools

import torch
from torch import Tensor
from torch.nn import functional

from tests.models.checkerboard.networks.conftest import photograph_planes
from vaecodec.models.quadrants.networks import first_step
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae

TINY = Configuration(
    name="exact",
    latent_channels=16,
    hyper_channels=8,
    prior_channels=8,
    coarse_channels=16,
    fine_channels=8,
    analysis_blocks=(2, 1),
    painter_blocks=2,
)


def crops(count: int = 8, side: int = 128) -> Tensor:
    """Parts of photographs [N, 3, side, side] in 0..1."""
    planes = photograph_planes()
    parts = [
        plane[:, top : top + side, left : left + side]
        for plane in planes
        for top, left in ((0, 0), (60, 90), (120, 30))
    ]
    return torch.stack(parts[:count]).float() / 255


@functools.cache
def _lively(exact: bool) -> QuadrantVae:
    torch.manual_seed(3)
    model = QuadrantVae(TINY).eval()
    first_step.initialize(model, photograph_planes())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("knots", "bias")):
                parameter += 0.1 * torch.randn_like(parameter)
            if name.endswith("leave.weight"):
                parameter *= 4
        model.hyper_analysis.layers[-1].weight.mul_(4)
    if exact:
        model.become_exact(crops())
    return model


def lively_model(*, exact: bool = True) -> QuadrantVae:
    """A model whose networks all have something to say; the caller may change it."""
    return copy.deepcopy(_lively(exact))


def padded(image: Tensor) -> Tensor:
    """[B, 3, H, W] with sides that are multiples of 64."""
    height, width = image.shape[-2:]
    return functional.pad(image, (0, -width % 64, 0, -height % 64), mode="replicate")
