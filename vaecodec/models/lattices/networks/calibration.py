"""Where the binary points of trained steps lie: once, before they learn to be exact."""

from __future__ import annotations

import torch
from torch import Tensor

from vaecodec.models.lattices.networks.lattice_model import LatticeModel
from vaecodec.models.lattices.networks.step import Step
from vaecodec.models.networks.exact_layers import narrows

BATCH = 4
STREAM_BITS = 10  # of a stream below those of a narrow value
MOST = 0.98  # of the channels of a stream keep within the range of a place


@torch.no_grad()
def calibrate(model: LatticeModel, images: Tensor) -> None:
    """Set all exponents from images, levels [N, 3, H, W], sides multiples of 32."""
    for place in narrows(model):
        place.observing = True
    for batch in images.split(BATCH):
        model(batch)
    for place in narrows(model):
        place.observing = False
    for step in model.every_step():
        _settle(step)
    for before, step in model.in_a_row():
        step.given.copy_(before.before_leave.exponent)


def _settle(step: Step) -> None:
    block = step.block
    along = block.seen, step.before_leave
    base = torch.stack([place.wanted for place in along]).amax(0).round()
    for place in along:
        place.exponent.copy_(base + torch.quantile(place.wanted - base, MOST).round())
    block.mixed.exponent.copy_(block.mixed.wanted.round())
    block.hidden.exponent.copy_(block.hidden.wanted.round())
    block.stream.copy_(base - STREAM_BITS)
