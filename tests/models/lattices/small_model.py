"""A model of lattices with random weights, whose receiver is exact all the same."""

from __future__ import annotations

import functools

import numpy as np
import torch

from vaecodec.models.lattices.networks.calibration import calibrate
from vaecodec.models.lattices.networks.lattice_model import LatticeModel
from vaecodec.models.lattices.networks.stored import receiver_tensors
from vaecodec.models.networks.exact_layers import set_exact


def soft_picture(height, width, seed=0):
    """Waves of colour with a little noise, uint8 [height, width, 3]."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    waves = [np.sin(rows / 9 + shift) + np.cos(columns / 7) for shift in range(3)]
    noise = rng.normal(0, 2, (height, width, 3))
    return np.clip(128 + 50 * np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)


def as_images(*pictures):
    """[N, 3, H, W] for networks."""
    return torch.tensor(np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32))


@functools.cache
def small_model():
    torch.manual_seed(3)
    model = LatticeModel().eval()
    for step in model.every_step():
        torch.nn.init.normal_(step.leave.weight, std=0.004)
        torch.nn.init.normal_(step.direct.weight, std=0.004)
    calibrate(model, as_images(*(soft_picture(64, 64, seed) for seed in range(4))))
    set_exact(model, True)
    return model


@functools.cache
def small_tensors():
    return receiver_tensors(small_model())
