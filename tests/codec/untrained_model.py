"""A small model file that works without any training: the KLT of three photographs."""

from __future__ import annotations

import functools

import numpy as np
import torch
from PIL import Image

from tests.conftest import photograph_path
from vaecodec.models.checkerboard.networks import first_step
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.networks.table_fitting import no_counts

SIZES = Configuration(
    name="untrained",
    latent_channels=64,
    hyper_channels=16,
    coarse_channels=32,
    fine_channels=16,
)


@functools.cache
def untrained_model() -> bytes:
    torch.manual_seed(1)
    model = HierarchicalVae(SIZES).eval()
    first_step.initialize(model, [_planes(name) for name in ("astronaut", "coffee")])
    return to_file(model, counts=no_counts(), training_images=0)


def _planes(name: str) -> torch.Tensor:
    with Image.open(photograph_path(name)) as image:
        return torch.from_numpy(np.array(image)).permute(2, 0, 1)
