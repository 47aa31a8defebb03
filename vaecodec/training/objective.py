"""What a distortion is: squared error, or what an eye makes of the difference.

The eye's objective adds up three terms in units of the squared error of 8-bit samples,
so that one ladder of lambdas serves both. Structure, as SSIMULACRA2 sees it, decides
where the bits go. Squared error, of luma more than of colour, stays in as an anchor:
whatever the measure does not look at, fine colour above all, would be free otherwise.
The third term holds the colours of plain areas, where the first two allow errors that
show as bands.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.codec.search.eye.numbers import (
    COLOUR_VALUE,
    LUMA,
    LUMA_VALUE,
    PLAIN_VARIANCE,
    REDUCTION,
    SMOOTH_VALUE,
    SQUARED_ERROR_SHARE,
    STRUCTURE_FACTOR,
    STRUCTURE_POWER,
)
from vaecodec.training.ssimulacra2 import weighted_sum


def squared_error(original: Tensor, decoded: Tensor) -> Tensor:
    """Mean squared error [B] of images [B, C, H, W] in 0..1, as 8-bit samples."""
    return (decoded - original).square().mean((1, 2, 3)) * 255**2


def eye_distortion(original: Tensor, decoded: Tensor, lmbda: Tensor) -> Tensor:
    """Distortion [B] of images [B, 3, H, W] in 0..1 at the lambdas [B]."""
    structure = structure_value(lmbda) * weighted_sum(original, decoded)
    error = anchor_error(original, decoded)
    mixed = SQUARED_ERROR_SHARE * error + (1 - SQUARED_ERROR_SHARE) * structure
    return mixed + SMOOTH_VALUE * smooth_error(original, decoded)


def anchor_error(original: Tensor, decoded: Tensor) -> Tensor:
    """Squared error [B] as 8-bit samples in which luma counts more than colour."""
    difference = (decoded - original) * 255
    weights = difference.new_tensor(LUMA)[:, None, None]
    luma = (difference * weights).sum(1, keepdim=True)
    errors = LUMA_VALUE * luma.square() + COLOUR_VALUE * (difference - luma).square()
    return errors.mean((1, 2, 3))


def structure_value(lmbda: Tensor) -> Tensor:
    """Squared error that a unit of structural distance stands for, at a lambda."""
    return STRUCTURE_FACTOR * lmbda**STRUCTURE_POWER


def smooth_error(original: Tensor, decoded: Tensor) -> Tensor:
    """Squared error [B] of local means, as 8-bit samples, where the original is plain.

    The weight falls as 1 / (1 + variance / 2) with the largest variance of luma in the
    block of 8x8 pixels and its neighbours.
    """
    reduced = functional.avg_pool2d(decoded - original, REDUCTION) * 255
    with torch.no_grad():
        luma = original.mean(1, keepdim=True) * 255
        mean = functional.avg_pool2d(luma, REDUCTION)
        variance = functional.avg_pool2d(luma.square(), REDUCTION) - mean.square()
        around = functional.max_pool2d(variance, 3, stride=1, padding=1)
        weight = 1 / (1 + around.clamp(min=0) / PLAIN_VARIANCE)
    return (weight * reduced.square()).mean((1, 2, 3))
