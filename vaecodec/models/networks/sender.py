"""The sender's networks: image -> latent -> hyper-latent.

Letters in shapes: B batch, M latent channels, Z hyper-latent channels, H and W the
image's height and width (multiples of 64), h = H/16, w = W/16. The analysis transform
is a linear bypass (initialised to the KLT of 16x16 patches, see `klt`) plus a network
that learns the correction; networks see 1/8 and 1/16 of the resolution only. The fixed
vector `spread` brings the KLT's coefficients, whose deviations span three orders of
magnitude, to one size for the networks. Whatever a symbol is made from is float32, in
training on a GPU as well.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vaecodec.models.networks.configuration import SenderConfiguration
from vaecodec.models.networks.layers import (
    QualityCurve,
    ResidualBlock,
    enlarged,
    pixel_unshuffle,
    pointwise,
    trunk_in_bfloat16,
)
from vaecodec.models.sizes import PATCH

START_SILENT = 0.01  # a network added to a bypass begins close to zero


class AnalysisTransform(nn.Module):
    """Image [B, C, H, W] in 0..1 and quality [B] -> latent [B, M, h, w]."""

    spread: Tensor

    def __init__(self, configuration: SenderConfiguration) -> None:
        super().__init__()
        fine, coarse = configuration.fine_channels, configuration.coarse_channels
        channels = configuration.channels
        self.bypass = nn.Conv2d(
            channels * PATCH**2, configuration.latent_channels, 1, bias=False
        )
        self.enter = pointwise(channels * 64, fine)
        self.fine = nn.ModuleList(
            ResidualBlock(fine) for _ in range(configuration.analysis_blocks[0])
        )
        self.gain = QualityCurve(torch.zeros(fine))
        self.down = pointwise(4 * fine, coarse)
        self.coarse = nn.Sequential(
            *(ResidualBlock(coarse) for _ in range(configuration.analysis_blocks[1]))
        )
        self.leave = pointwise(
            coarse, configuration.latent_channels, damping=START_SILENT
        )
        self.register_buffer("spread", torch.ones(configuration.latent_channels, 1, 1))

    def forward(self, image: Tensor, quality: Tensor) -> Tensor:
        centred = image - 0.5
        squares = pixel_unshuffle(centred, 8)  # [B, 64 C, H/8, W/8]
        with trunk_in_bfloat16(self, image.device.type):
            features = self._trunk(squares, quality)
        patches = pixel_unshuffle(centred, PATCH)  # [B, 256 C, h, w]
        linear = self.bypass(patches)
        return linear / self.spread + self.leave(features.to(image.dtype))

    def _trunk(self, squares: Tensor, quality: Tensor) -> Tensor:
        """Squares [B, 64 C, H/8, W/8] -> features [B, coarse channels, h, w]."""
        features = self.enter(squares)
        gain = enlarged(self.gain(quality).exp())  # [B, C, H/8, W/8] or [B, C, 1, 1]
        features = self.fine[0](features) * gain.to(features.dtype)
        for block in self.fine[1:]:
            features = block(features)
        wide = pixel_unshuffle(features, 2)  # [B, 4 fine channels, h, w]
        return self.coarse(self.down(wide))


class HyperAnalysisTransform(nn.Module):
    """Latent in quantisation steps [B, M, h, w] -> hyper-latent [B, Z, h/4, w/4].

    The logarithmic magnitude stands beside the signed latent: what the hyper-latent
    has to tell is mostly how large the latents are.
    """

    def __init__(self, configuration: SenderConfiguration) -> None:
        super().__init__()
        width = configuration.hyper_channels
        self.layers = nn.Sequential(
            pointwise(2 * configuration.latent_channels, width),
            ResidualBlock(width),  # [B, Z, h, w]
            nn.PixelUnshuffle(2),  # [B, 4 Z, h/2, w/2]
            pointwise(4 * width, width),
            ResidualBlock(width),  # [B, Z, h/2, w/2]
            nn.PixelUnshuffle(2),  # [B, 4 Z, h/4, w/4]
            pointwise(4 * width, width),
        )

    def forward(self, latent_steps: Tensor) -> Tensor:
        magnitude = torch.log1p(latent_steps.abs())
        signed = magnitude * latent_steps.sign()
        with trunk_in_bfloat16(self, latent_steps.device.type):
            hyper_latent: Tensor = self.layers(torch.cat([signed, magnitude], dim=1))
        return hyper_latent.to(latent_steps.dtype)
