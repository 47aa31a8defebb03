"""Step 0: the optimal linear transform, before any gradient step.

The Karhunen-Loeve transform (principal components) of 16x16x3 patches becomes the
bypass of both image transforms, and the deviation of each coefficient its first
scale. With the networks silent the model is then already a working codec, and
training only ever corrects it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.models.architecture import QUALITIES
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import (
    HierarchicalVae,
    log_gain_of,
)
from vaecodec.models.checkerboard.networks.transforms import PATCH
from vaecodec.models.networks.layers import KNOTS
from vaecodec.models.networks.likelihoods import LOG_MINIMUM

SPREAD_FLOOR = 0.15  # about half a step at medium quality


def initialize(model: HierarchicalVae, images: Sequence[Tensor]) -> None:
    """Set bypass, gains and scales of a fresh model from photographs.

    Args:
        model: changed in place.
        images: uint8 [3, H, W] each, at least 16x16.
    """
    basis, deviation = transform(images, channels=model.configuration.latent_channels)
    spread = (deviation.square() + SPREAD_FLOOR**2).sqrt()
    with torch.no_grad():
        model.analysis.bypass.weight.copy_(basis[:, :, None, None])
        model.synthesis.bypass.weight.copy_(basis.T[:, :, None, None])
        for side in (model.analysis, model.synthesis):
            side.spread.copy_(spread[:, None, None])
        for knot in range(KNOTS):
            log_gain = log_gain_at(model.configuration, knot)
            model.log_gain.knots[knot] = spread.log() + log_gain
            log_scale = (deviation.log() + log_gain).clamp(min=LOG_MINIMUM)
            model.scale.offset_first.knots[knot] = log_scale
            model.scale.offset_second.knots[knot] = log_scale


def transform(images: Sequence[Tensor], *, channels: int) -> tuple[Tensor, Tensor]:
    """Principal components of image patches, largest first.

    Returns:
        The orthonormal basis float32 [channels, 768] in the channel order of
        `pixel_unshuffle`, and the coefficients' standard deviations around mid-gray
        [channels], for samples in 0..1.
    """
    covariance = torch.zeros(3 * PATCH**2, 3 * PATCH**2, dtype=torch.float64)
    count = 0
    for image in images:
        height, width = (side // PATCH * PATCH for side in image.shape[-2:])
        samples = image[None, :, :height, :width].double() / 255 - 0.5
        # [1, 3, H, W] -> [768, h, w] -> [768, patches]
        patches = functional.pixel_unshuffle(samples, PATCH)[0].flatten(1)
        covariance += patches @ patches.T
        count += patches.shape[1]
    values, vectors = torch.linalg.eigh(covariance / count)
    basis = vectors.T.flip(0)[:channels]
    deviation = values.flip(0)[:channels].clamp(min=1e-12).sqrt()
    return basis.float(), deviation.float()


def log_gain_at(configuration: Configuration, knot: int) -> float:
    """Logarithm of the step-0 gain at one of the knots of the quality curves."""
    quality = knot * (QUALITIES - 1) / (KNOTS - 1)
    return log_gain_of(configuration.log_lambda(quality))
