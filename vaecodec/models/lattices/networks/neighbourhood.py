"""Pictures on a lattice in PyTorch: neighbours, and the rate of what is coded."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.models.lattices.geometry import MARGIN, Offset, neighbours, parts
from vaecodec.models.lattices.head import GROWTHS, MEANS, ORDER, SCALES, SLOPES

LEAST_SCALE, MOST_SCALE = -4.0, 5.875  # logarithms to base 2, of levels


def part_of(lattice: Tensor, place: Offset) -> Tensor:
    """[B, 3, H, W], even sides -> [B, 3, H / 2, W / 2]."""
    return lattice[:, :, place[0] :: 2, place[1] :: 2]


def surroundings(lattice: Tensor, step: int) -> Tensor:
    """Neighbours of what a step codes, [B, n, 3, h, w], nearest four first."""
    margins = [MARGIN] * 4
    padded = {
        place: functional.pad(part_of(lattice, place), margins, mode="replicate")
        for place in parts(step)
    }
    height, width = (side // 2 for side in lattice.shape[2:])
    found = []
    for each in neighbours(step):
        top, left = (MARGIN + offset for offset in each.cell)
        found.append(padded[each.part][:, :, top : top + height, left : left + width])
    return torch.stack(found, 1)


def bits(head: Tensor, pixels: Tensor, base: Tensor) -> Tensor:
    """Bits of every sample under its law [B, 3, h, w].

    Args:
        head: [B, 11, h, w].
        pixels: whole levels [B, 3, h, w].
        base: means of the nearest four [B, 3, h, w].
    """
    green, red, blue = (pixels[:, channel] - base[:, channel] for channel in ORDER)
    mean, scale, slope, growth = (
        head[:, part] for part in (MEANS, SCALES, SLOPES, GROWTHS)
    )
    first = green - mean[:, 0]
    second = red - mean[:, 1] - slope[:, 0] * first
    third = blue - mean[:, 2] - slope[:, 1] * first - slope[:, 2] * second
    scales = (
        scale[:, 0],
        scale[:, 1] + growth[:, 0] * magnitude(first),
        scale[:, 2] + growth[:, 1] * magnitude(first.abs() + second.abs()),
    )
    errors = (first, second, third)
    return torch.stack([_bits(*each) for each in zip(errors, scales, strict=True)], 1)


def magnitude(errors: Tensor) -> Tensor:
    """log2(1 + |error|), straight between powers of two."""
    beside = 1 + errors.abs()
    octave = torch.floor(torch.log2(beside.detach()))
    return octave - 1 + beside * torch.exp2(-octave)


def _bits(errors: Tensor, scales: Tensor) -> Tensor:
    inverse = torch.exp2(-scales.clamp(LEAST_SCALE, MOST_SCALE))
    upper = (errors + 0.5) * inverse
    lower = upper - inverse
    # sigmoid(u) - sigmoid(l) = sigmoid(u) sigmoid(-l) (1 - exp(l - u))
    nats = functional.softplus(-upper) + functional.softplus(lower)
    nats = nats - torch.log(-torch.expm1(-inverse))
    return nats / math.log(2)
