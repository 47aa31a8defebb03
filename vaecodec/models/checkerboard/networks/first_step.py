"""Step 0: a model that is the KLT and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.networks.klt import SPREAD_FLOOR, log_gain_at, transform
from vaecodec.models.networks.layers import KNOTS
from vaecodec.models.networks.likelihoods import LOG_MINIMUM


def initialize(model: HierarchicalVae, images: Sequence[Tensor]) -> None:
    """Set bypass, gains and scales of a fresh model from photographs.

    Args:
        model: changed in place.
        images: levels 0..255 [C, H, W] each, at least 16x16.
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
