"""From the hyper-latent to features at the resolution of the latent.

    expansion, for the prior:    Z at 1/64 -> P at 1/32, block -> P at 1/16, refinement
    guidance, for the painter:   Z at 1/64 ----------------------> G at 1/16, refinement

    refinement: gain by quality, block -> 8 bits

Guidance has no block at 1/32, so that the painter looks no farther than before.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.networks.exact_layers import (
    ExactBlock,
    ExactPointwise,
    Narrow,
    exact_gain,
)
from vaecodec.models.networks.exact_rounding import FINEST, Rows, rows_of
from vaecodec.models.networks.layers import QualityCurve
from vaecodec.models.sizes import HYPER_STEP


class Narrowed(NamedTuple):
    """Values with what they are multiples of.

    Attributes:
        values: [B, C, h, w].
        exponent: [C, 1, 1].
    """

    values: Tensor
    exponent: Tensor


class Refinement(nn.Module):
    """Wide features [B, C, h, w], quality -> narrow features of the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before_gain = Narrow(channels)
        self.gain = QualityCurve(torch.zeros(channels))
        self.block = ExactBlock(channels)
        self.before_end = Narrow(channels)

    def forward(self, features: Tensor, quality: Tensor) -> Narrowed:
        gain = exact_gain(self.gain(quality).exp(), self.before_gain, self.block.stream)
        features = self.block(self.before_gain(features) * gain)
        return Narrowed(self.before_end(features), self.before_end.exponent)

    def rows(self, places: int) -> Rows:
        """Of sums that are shuffled, `places` of them for each channel, to get here."""
        shuffled = self.before_gain.exponent.repeat_interleave(places, 0)
        return Rows(shuffled - FINEST, shuffled)


class Expansion(nn.Module):
    """Hyper-symbols [B, Z, h/4, w/4], quality -> narrow features [B, P, h, w].

    Args:
        inputs: Z.
        width: P.
    """

    whole: Tensor

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.enter = ExactPointwise(inputs, 4 * width)
        self.block = ExactBlock(width)
        self.before_up = Narrow(width)
        self.up = ExactPointwise(width, 4 * width)
        self.refinement = Refinement(width)
        self.register_buffer("whole", torch.zeros(1, 1, 1), persistent=False)

    def forward(self, hyper_symbols: Tensor, quality: Tensor) -> Narrowed:
        shuffled = self.block.stream.repeat_interleave(4, 0)
        wide = self.enter(hyper_symbols, self.whole, rows_of(shuffled))
        # [B, 4 P, h/4, w/4] -> [B, P, h/2, w/2]
        features = self.before_up(self.block(functional.pixel_shuffle(wide, 2).float()))
        wide = self.up(features, self.before_up.exponent, self.refinement.rows(4))
        # [B, 4 P, h/2, w/2] -> [B, P, h, w]
        refined: Narrowed = self.refinement(
            functional.pixel_shuffle(wide, 2).float(), quality
        )
        return refined


class Guidance(nn.Module):
    """Hyper-symbols [B, Z, h/4, w/4], quality -> narrow features [B, G, h, w].

    Args:
        inputs: Z.
        width: G.
    """

    whole: Tensor

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.enter = ExactPointwise(inputs, HYPER_STEP**2 * width)
        self.refinement = Refinement(width)
        self.register_buffer("whole", torch.zeros(1, 1, 1), persistent=False)

    def forward(self, hyper_symbols: Tensor, quality: Tensor) -> Narrowed:
        rows = self.refinement.rows(HYPER_STEP**2)
        wide = self.enter(hyper_symbols, self.whole, rows)
        # [B, 16 G, h/4, w/4] -> [B, G, h, w]
        features = functional.pixel_shuffle(wide, HYPER_STEP).float()
        refined: Narrowed = self.refinement(features, quality)
        return refined
