"""The painter: latent -> image, in numbers that can be computed exactly.

    hyper-latent      latent M at 1/16 ----------> bypass 768 -------------+
        |                 |                                               |
    guidance ---------> 4 x fine channels                                 |
                          |                                               |
                        fine channels at 1/8 -> blocks, gain, block ----> + -> image

The bypass begins as the inverse of the KLT; networks correct what it paints. The latent
is in units of an orthonormal transform of samples 0..1, and so is whatever leaves.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.networks.exact_layers import (
    ExactBlock,
    ExactPointwise,
    Narrow,
    Row,
    exact_gain,
)
from vaecodec.models.networks.exact_rounding import Rows, rows_of
from vaecodec.models.networks.layers import QualityCurve
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.expansion import Guidance, Narrowed
from vaecodec.models.sizes import PATCH

SUM_EXPONENT = -19.0  # of what the bypass paints; a level of 8-bit samples is 2**-8
WIDE_LIMIT = 32767  # of weights of layers that see the latent itself
START_SILENT = 0.01
LEVELS = 256 / 255  # samples 0..1 for a sum of 1: levels are whole multiples of 1/256


class Painter(nn.Module):
    """Latent [B, M, h, w], hyper-symbols, quality -> image [B, 3, H, W] in 0..1.

    Quality is [B] or a map.

    Attributes:
        spread: powers of two, close to the deviations of latents [M, 1, 1].
        latent_exponent: what latents are multiples of [M, 1, 1].
        most: their largest magnitudes, in these multiples [M, 1, 1].
    """

    most: Tensor

    spread: Tensor
    latent_exponent: Tensor
    bypass_sums: Tensor

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        latent = configuration.latent_channels
        fine = configuration.fine_channels
        self.bypass = ExactPointwise(latent, 3 * PATCH**2, limit=WIDE_LIMIT)
        self.enter = ExactPointwise(latent, 4 * fine, limit=WIDE_LIMIT)
        width = configuration.guidance_channels
        self.guidance = Guidance(configuration.hyper_channels, width)
        self.guide = ExactPointwise(width, 4 * fine, damping=START_SILENT)
        self.fine: Row[ExactBlock] = Row(
            ExactBlock(fine) for _ in range(configuration.painter_blocks)
        )
        self.before_gain = Narrow(fine)
        self.gain = QualityCurve(torch.zeros(fine))
        self.before_leave = Narrow(fine)
        self.leave = ExactPointwise(fine, 3 * 64, damping=START_SILENT)
        self.register_buffer("spread", torch.ones(latent, 1, 1))
        self.register_buffer("most", torch.full((latent, 1, 1), 2.0**14))
        self.register_buffer("latent_exponent", torch.full((latent, 1, 1), -9.0))
        self.register_buffer(
            "bypass_sums", torch.full((1, 1, 1), SUM_EXPONENT), persistent=False
        )

    def forward(self, latent: Tensor, hyper_symbols: Tensor, quality: Tensor) -> Tensor:
        # [B, 768, h, w]
        patches = self.bypass(
            latent, self.latent_exponent, Rows(self.bypass_sums, self.bypass_sums)
        )
        linear = functional.pixel_shuffle(patches, PATCH)
        guidance = self.guidance(hyper_symbols, quality)
        squares = self._trunk(latent / self.spread, guidance, quality)
        # [B, 192, H/8, W/8] -> [B, 3, H, W]
        detail = functional.pixel_shuffle(squares, 8)
        return (linear + detail) * LEVELS + 0.5

    @property
    def normal_exponent(self) -> Tensor:
        """Of latents in units of their spread [M, 1, 1]."""
        return self.latent_exponent - torch.log2(self.spread)

    @property
    def enter_stream(self) -> Tensor:
        """What features are multiples of, four positions side by side [4 C, 1, 1]."""
        return self.fine[0].stream.repeat_interleave(4, 0)

    def _trunk(self, normal: Tensor, guidance: Narrowed, quality: Tensor) -> Tensor:
        """Latent in units of its spread -> squares [B, 192, H/8, W/8]."""
        rows = rows_of(self.enter_stream)
        wide = self.enter(normal, self.normal_exponent, rows)
        wide = wide + self.guide(*guidance, rows).to(wide.dtype)
        # [B, 4 fine channels, h, w] -> [B, fine channels, H/8, W/8]
        features = functional.pixel_shuffle(wide, 2).float()
        *blocks, last = self.fine
        for block in blocks:
            features = block(features)
        gain = self.gain(quality).exp()
        gain = exact_gain(gain, self.before_gain, last.stream)
        features = last(self.before_gain(features) * gain)
        squares: Tensor = self.leave(
            self.before_leave(features),
            self.before_leave.exponent,
            rows_of(self.bypass_sums),
        )
        return squares.float()
