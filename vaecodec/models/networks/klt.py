"""The optimal linear transform, from which models begin before any gradient step.

The Karhunen-Loeve transform (principal components) of 16x16 patches becomes the
bypass of both image transforms, and the deviation of each coefficient its first
scale. With the networks silent a model is then already a working codec, and
training only ever corrects it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.models.architecture import QUALITIES
from vaecodec.models.networks.configuration import SenderConfiguration
from vaecodec.models.networks.layers import KNOTS
from vaecodec.models.sizes import PATCH

SPREAD_FLOOR = 0.15  # about half a step at medium quality


def transform(images: Sequence[Tensor], *, channels: int) -> tuple[Tensor, Tensor]:
    """Principal components of image patches, largest first.

    Returns:
        The orthonormal basis float32 [channels, 256 C] in the channel order of
        `pixel_unshuffle`, for images of C channels, and the coefficients' standard
        deviations around mid-gray [channels], for samples in 0..1.
    """
    size = images[0].shape[0] * PATCH**2
    covariance = torch.zeros(size, size, dtype=torch.float64)
    count = 0
    for image in images:
        height, width = (side // PATCH * PATCH for side in image.shape[-2:])
        samples = image[None, :, :height, :width].double() / 255 - 0.5
        # [1, C, H, W] -> [256 C, h, w] -> [256 C, patches]
        patches = functional.pixel_unshuffle(samples, PATCH)[0].flatten(1)
        covariance += patches @ patches.T
        count += patches.shape[1]
    values, vectors = torch.linalg.eigh(covariance / count)
    basis = vectors.T.flip(0)[:channels]
    deviation = values.flip(0)[:channels].clamp(min=1e-12).sqrt()
    return basis.float(), deviation.float()


def log_gain_at(configuration: SenderConfiguration, knot: int) -> float:
    """Logarithm of the step-0 gain at one of the knots of the quality curves."""
    quality = knot * (QUALITIES - 1) / (KNOTS - 1)
    return log_gain_of(configuration.log_lambda(quality), configuration.channels)


def log_gain_of(log_lambda: float, channels: int) -> float:
    """Logarithm of the gain that is optimal for an orthonormal transform.

    High-rate theory: the slope of the rate against the error of a uniform quantiser
    gives a step of 0.02 / sqrt(lambda) in units of 0..1 samples of three channels; of
    more, each error counts less in the mean.
    """
    return math.log(50) + (log_lambda - math.log(channels / 3)) / 2
