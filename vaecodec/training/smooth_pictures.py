"""Skies, walls and vignettes drawn by code, to learn from.

Photographs for training are chosen for their detail, so plain areas are rare in them,
and a model is free to put blotches there. These are ramps of colour from corner to
corner, some darkened around a centre, some with a little noise, in whole 8-bit levels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SHARE = 0.05  # of the crops of a batch
LARGEST_NOISE = 2.0  # deviation in 8-bit levels
LARGEST_CHANGE = 0.15  # from one corner of a crop to another
VIGNETTE_SHARE = 0.3
NOISY_SHARE = 0.5


def mix_in(batch: Tensor, generator: torch.Generator) -> Tensor:
    """A batch [B, 3, S, S] with a few of its crops replaced by smooth pictures."""
    replaced = torch.rand(len(batch), generator=generator) < SHARE
    if replaced.any():
        count, side = int(replaced.sum()), batch.shape[-1]
        drawn = draw_smooth(count, side=side, generator=generator)
        batch[replaced.to(batch.device)] = drawn.to(batch.device)
    return batch


def draw_smooth(count: int, *, side: int, generator: torch.Generator) -> Tensor:
    """Smooth pictures: float32 [count, 3, side, side] in 0..1, multiples of 1/255."""
    draws = torch.rand(6, count, 1, 1, 1, generator=generator)
    base = torch.rand(count, 3, 1, 1, generator=generator)
    corners = torch.rand(count, 3, 2, 2, generator=generator) * 2 - 1
    change = corners * (LARGEST_CHANGE * draws[0].square())
    ramp = functional.interpolate(
        base + change, (side, side), mode="bilinear", align_corners=True
    )
    line = torch.linspace(-1, 1, side)
    distance = (line[:, None] - 2 * draws[1]).square() + (line - 2 * draws[2]).square()
    darkening = (draws[3] < VIGNETTE_SHARE) * draws[4] * 0.1
    noise = torch.randn(count, 3, side, side, generator=generator)
    noise *= (draws[5] < NOISY_SHARE) * draws[5] * (LARGEST_NOISE / NOISY_SHARE / 255)
    levels = (ramp * (1 - darkening * distance) + noise).clamp(0, 1) * 255
    return levels.round() / 255
