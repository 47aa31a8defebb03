"""The float shadow of the integer networks that choose the frequency tables.

The package runs the same layers on integers (`models.exact.integer_network`); only its
result counts in a file. Here they are trained: activations are clipped to 0..16 as
there, and nats are put out, because a step of the optimiser must mean something (one
of 1e-3 in a table index would mean nothing). See `integerize` for the rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.scale_networks import MAGNITUDES
from vaecodec.models.networks.layers import QualityCurve, pointwise

ACTIVATION_LIMIT = 16.0
OUTER, INNER = 64, 128


def magnitude_feature(symbols: Tensor) -> Tensor:
    """log2(1 + min(|q|, 15)): what the second pass sees of a decoded symbol."""
    return torch.log2(1 + symbols.abs().clamp(max=MAGNITUDES - 1))


def clipped(values: Tensor) -> Tensor:
    """ReLU with a ceiling, the activation that integers can carry."""
    return values.clamp(0, ACTIVATION_LIMIT)


class ScaleNetworks(nn.Module):
    """Hyper-symbols, then first-group symbols -> log standard deviations in steps.

    The names of the layers are those of the tensors in a model file.
    """

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        hyper, latent = configuration.hyper_channels, configuration.latent_channels
        self.expand1 = _hidden(hyper, 4 * OUTER)
        self.spread1 = _depthwise(OUTER, 3)
        self.expand2 = _hidden(OUTER, 4 * OUTER)
        self.spread2 = _depthwise(OUTER, 3)
        self.hidden_first = _hidden(OUTER, INNER)
        self.output_first = pointwise(INNER, latent, damping=0.02)
        self.gather = _hidden(latent, OUTER)
        self.spread_symbols = _depthwise(OUTER, 5)
        self.hidden_second = _hidden(2 * OUTER, INNER)
        self.output_second = pointwise(INNER, latent, damping=0.02)
        self.offset_first = QualityCurve(torch.zeros(latent))
        self.offset_second = QualityCurve(torch.zeros(latent))

    def features(self, hyper_symbols: Tensor) -> Tensor:
        """[B, Z, h/4, w/4] -> features [B, 64, h, w] shared by both passes."""
        wide = clipped(self.expand1(hyper_symbols))  # [B, 4 x 64, h/4, w/4]
        wide = functional.pixel_shuffle(wide, 2)  # [B, 64, h/2, w/2]
        wide = clipped(self.expand2(clipped(self.spread1(wide))))
        wide = functional.pixel_shuffle(wide, 2)  # [B, 64, h, w]
        return clipped(self.spread2(wide))

    def first_pass(self, features: Tensor, quality: Tensor) -> Tensor:
        """Log deviations [B, M, h, w] from the hyper-latent alone."""
        hidden = clipped(self.hidden_first(features))
        log_scales: Tensor = self.output_first(hidden) + self.offset_first(quality)
        return log_scales

    def second_pass(
        self, features: Tensor, first_symbols: Tensor, quality: Tensor
    ) -> Tensor:
        """Log deviations [B, M, h, w]; `first_symbols` are 0 off the first group."""
        seen = clipped(self.gather(magnitude_feature(first_symbols)))
        seen = clipped(self.spread_symbols(seen))
        hidden = clipped(self.hidden_second(torch.cat([seen, features], dim=1)))
        log_scales: Tensor = self.output_second(hidden) + self.offset_second(quality)
        return log_scales


def _hidden(inputs: int, outputs: int) -> nn.Conv2d:
    """A 1x1 layer whose clipped ReLUs start alive."""
    layer = pointwise(inputs, outputs)
    nn.init.constant_(layer.bias, 0.5)  # type: ignore[arg-type]
    return layer


def _depthwise(channels: int, kernel: int) -> nn.Conv2d:
    layer = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels)
    nn.init.dirac_(layer.weight, groups=channels)
    layer.weight.data += 0.1 / kernel * torch.rand_like(layer.weight)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer
