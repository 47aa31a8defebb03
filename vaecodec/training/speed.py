"""How well training uses a chip: operations of a step against the chip's own peak.

In: a model and a device; out: floating point operations and operations per second. The
peak is measured, with one large matrix product, so no table of chips is needed and
other work on the machine counts against neither.
"""

from __future__ import annotations

import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from vaecodec.models.networks.layers import BFLOAT16_DEVICES
from vaecodec.models.networks.trainable import TrainableModel

SIDE = 64  # one position of the hyper-latent
BACKWARD = 2  # a backward pass costs two forward passes
PEAK_SIZES = {"cpu": 1024, "cuda": 8192}
PEAK_ROUNDS = 10


def training_operations(model: TrainableModel) -> float:
    """Floating point operations per pixel of a training step, backward included."""
    counter = FlopCounterMode(display=False)
    device = next(model.parameters()).device
    image = torch.rand(1, model.kind.channels, SIDE, SIDE, device=device)
    with counter, torch.no_grad():
        model(image, torch.zeros(1, device=device))
    return (1 + BACKWARD) * counter.get_total_flops() / SIDE**2


def matrix_peak(device: str) -> float:
    """Operations per second of a matrix product, in bfloat16 where that is fast."""
    size = PEAK_SIZES[device]
    kind = torch.bfloat16 if device in BFLOAT16_DEVICES else torch.float32
    one = torch.rand(size, size, device=device, dtype=kind)
    one @ one
    _finish(device)
    start = time.perf_counter()
    for _ in range(PEAK_ROUNDS):
        one @ one
    _finish(device)
    return PEAK_ROUNDS * 2 * size**3 / (time.perf_counter() - start)


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
