"""Step 0: a model that is the KLT and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vaecodec.models.networks.klt import SPREAD_FLOOR, log_gain_at, transform
from vaecodec.models.networks.layers import KNOTS
from vaecodec.models.networks.likelihoods import LOG_MINIMUM
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.painter import LEVELS


@torch.no_grad()
def initialize(model: QuadrantVae, images: Sequence[Tensor]) -> None:
    """Set bypass, gains and scales of a fresh model from photographs.

    Args:
        model: changed in place.
        images: uint8 [3, H, W] each, at least 16x16.
    """
    configuration = model.configuration
    basis, deviation = transform(images, channels=configuration.latent_channels)
    floor = (deviation.square() + SPREAD_FLOOR**2).sqrt()
    spread = torch.exp2(torch.log2(floor).round())
    model.analysis.bypass.weight.copy_(basis[:, :, None, None])
    model.painter.bypass.weight.copy_(basis.T / LEVELS)
    for side in (model.analysis, model.painter):
        side.spread.copy_(spread[:, None, None])
    for knot in range(KNOTS):
        log_gain = log_gain_at(configuration, knot)
        model.log_gain.knots[knot] = spread.log() + log_gain
        log_scale = (deviation.log() + log_gain).clamp(min=LOG_MINIMUM)
        for step in model.prior.steps:
            step.offset.knots[knot] = log_scale
