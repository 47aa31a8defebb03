"""The float networks: image <-> latent <-> hyper-latent.

Letters in shapes: B batch, C channels of the image, M latent channels, Z hyper-latent
channels, H and W the image's height and width (multiples of 64), h = H/16, w = W/16.
Both directions of
the image transform are a linear bypass (initialised to the KLT of 16x16 patches,
see `klt`) plus a network that learns the correction; networks see 1/8 and 1/16 of
the resolution only. The fixed vector `spread` brings the KLT's coefficients, whose
deviations span three orders of magnitude, to one size for the networks. Whatever a
symbol is made from or compared with is float32, in training on a GPU as well.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.networks.layers import (
    QualityCurve,
    ResidualBlock,
    enlarged,
    pointwise,
    trunk_in_bfloat16,
)
from vaecodec.models.networks.sender import START_SILENT
from vaecodec.models.sizes import PATCH


class SynthesisTransform(nn.Module):
    """Latent [B, M, h, w], prior features [B, Z, h, w], quality [B] -> image."""

    spread: Tensor

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        fine, coarse = configuration.fine_channels, configuration.coarse_channels
        self.enter = pointwise(configuration.latent_channels, coarse)
        self.enter_prior = pointwise(configuration.hyper_channels, coarse, damping=0.1)
        self.coarse = nn.Sequential(
            *(ResidualBlock(coarse) for _ in range(configuration.synthesis_blocks[0]))
        )
        self.up = pointwise(coarse, 4 * fine)
        self.fine = nn.ModuleList(
            ResidualBlock(fine) for _ in range(configuration.synthesis_blocks[1])
        )
        self.gain = QualityCurve(torch.zeros(fine))
        channels = configuration.channels
        self.leave = pointwise(fine, channels * 64, damping=START_SILENT)
        self.bypass = nn.Conv2d(
            configuration.latent_channels, channels * PATCH**2, 1, bias=False
        )
        self.register_buffer("spread", torch.ones(configuration.latent_channels, 1, 1))

    def forward(self, latent: Tensor, prior: Tensor, quality: Tensor) -> Tensor:
        entered = self.enter(latent)
        with trunk_in_bfloat16(self, latent.device.type):
            features = self._trunk(entered, prior, quality)
        # [B, 64 C, H/8, W/8] -> [B, C, H, W]
        detail = functional.pixel_shuffle(features.to(latent.dtype), 8)
        patches = self.bypass(latent * self.spread)  # [B, 256 C, h, w]
        linear = functional.pixel_shuffle(patches, PATCH)
        return linear + detail + 0.5  # [B, C, H, W]

    def _trunk(self, entered: Tensor, prior: Tensor, quality: Tensor) -> Tensor:
        """Both [B, channels, h, w] -> squares [B, 64 C, H/8, W/8]."""
        wide = self.up(self.coarse(entered + self.enter_prior(prior)))
        # [B, 4 fine channels, h, w] -> [B, fine channels, H/8, W/8]
        features = functional.pixel_shuffle(wide, 2)
        for block in self.fine[:-1]:
            features = block(features)
        gain = enlarged(self.gain(quality).exp())  # [B, C, H/8, W/8] or [B, C, 1, 1]
        features = features * gain.to(features.dtype)
        return self.leave(self.fine[-1](features))


class HyperSynthesisTransform(nn.Module):
    """Hyper-latent [B, Z, h/4, w/4], quality [B] -> prior features [B, Z, h, w]."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        width = configuration.hyper_channels
        self.layers = nn.Sequential(
            pointwise(width, 4 * width),  # [B, 4 Z, h/4, w/4]
            nn.PixelShuffle(2),  # [B, Z, h/2, w/2]
            ResidualBlock(width),
            pointwise(width, 4 * width),
            nn.PixelShuffle(2),  # [B, Z, h, w]
        )
        self.gain = QualityCurve(torch.zeros(width))
        self.refine = ResidualBlock(width)

    def forward(self, hyper_latent: Tensor, quality: Tensor) -> Tensor:
        with trunk_in_bfloat16(self, hyper_latent.device.type):
            features: Tensor = self.layers(hyper_latent)
            gain = self.gain(quality).exp().to(features.dtype)
            prior: Tensor = self.refine(features * gain)
        return prior.to(hyper_latent.dtype)


class ContextTransform(nn.Module):
    """Refines the second group's means from the decoded first group.

    Latent of the first group, zero elsewhere [B, M, h, w], and prior features
    [B, Z, h, w] -> correction of the means [B, M, h, w].
    """

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        width = configuration.hyper_channels
        self.enter = pointwise(configuration.latent_channels, width)
        self.enter_prior = pointwise(width, width, damping=0.5)
        self.block = ResidualBlock(width)
        self.leave = pointwise(
            width, configuration.latent_channels, damping=START_SILENT
        )

    def forward(self, first_latent: Tensor, prior: Tensor) -> Tensor:
        with trunk_in_bfloat16(self, first_latent.device.type):
            features = self.block(self.enter(first_latent) + self.enter_prior(prior))
        correction: Tensor = self.leave(features.to(prior.dtype))
        return correction
