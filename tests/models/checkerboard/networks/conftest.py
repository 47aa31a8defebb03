"""Small models, set up from photographs so that their numbers are plausible."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import photograph_path
from vaecodec.models.checkerboard.networks import first_step
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae

TINY = Configuration(
    name="tiny",
    latent_channels=16,
    hyper_channels=8,
    coarse_channels=16,
    fine_channels=8,
)
SILENT_AT_FIRST = ("leave.weight", "output_first.weight", "output_second.weight")
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea")


@functools.cache
def photograph_planes():
    """The colour photographs, each uint8 [3, H, W]."""
    planes = []
    for name in PHOTOGRAPHS:
        with Image.open(photograph_path(name)) as image:
            samples = np.array(image.convert("RGB"))
        planes.append(torch.from_numpy(samples).permute(2, 0, 1).contiguous())
    return planes


def photograph_tiles():
    """Two tiles with different content, uint8 [2, 3, 512, 512]."""
    astronaut, coffee = photograph_planes()[:2]
    return torch.stack([astronaut, coffee[:, -300:, -512:].repeat(1, 2, 1)[:, :512]])


@functools.cache
def _untrained(configuration):
    torch.manual_seed(1)
    model = HierarchicalVae(configuration).eval()
    first_step.initialize(model, photograph_planes())
    return model


def untrained_model(configuration=TINY):
    """A model at step 0; the caller may change it."""
    return copy.deepcopy(_untrained(configuration))


def lively_model(configuration=TINY):
    """A model whose networks all have something to say, as after training."""
    model = untrained_model(configuration)
    torch.manual_seed(2)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(SILENT_AT_FIRST):
                parameter *= 10
            if name.endswith(("knots", "bias")):
                parameter += 0.1 * torch.randn_like(parameter)
        model.first_means.weight.normal_(std=0.1)
        model.hyper_analysis.layers[-1].weight *= 4
    return model


def draw_symbols(seed, *, rows=8, columns=12, configuration=TINY):
    """Hyper-symbols and latent symbols as an engine takes them, int16."""
    rng = np.random.default_rng(seed)
    hyper = rng.normal(0, 2, (configuration.hyper_channels, rows // 4, columns // 4))
    latent = rng.laplace(0, 1.5, (configuration.latent_channels, rows, columns))
    return hyper.round().astype(np.int16), latent.round().astype(np.int16)


def as_batch(symbols):
    return torch.from_numpy(symbols)[None].float()


@pytest.fixture(scope="session")
def crop():
    """A part of a photograph, uint8 [192, 128, 3]."""
    planes = photograph_planes()[0][:, 40:232, 160:288]
    return np.ascontiguousarray(planes.permute(1, 2, 0).numpy())
