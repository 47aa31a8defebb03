"""The two building blocks of every transform.

Only operations that ONNX Runtime and PyTorch run fast on a CPU are used: 1x1 and
depthwise convolutions, leaky ReLU, pixel (un)shuffle. No normalisation, so that
windows of an image give the same values as the whole image.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

KNOTS = 8


def pointwise(inputs: int, outputs: int, *, damping: float = 1.0) -> nn.Conv2d:
    """A 1x1 convolution; `damping` scales its initial weights, its bias starts at 0."""
    layer = nn.Conv2d(inputs, outputs, 1)
    nn.init.normal_(layer.weight, std=damping * inputs**-0.5)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class ResidualBlock(nn.Module):
    """x + W2 lrelu(W1 depthwise(x)), the ConvNeXt order without a norm.

    Works on [batch, channels, height, width] and keeps the shape.
    """

    def __init__(self, channels: int, *, expansion: int = 2, kernel: int = 5) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels, channels, kernel, padding=kernel // 2, groups=channels
        )
        self.expand = pointwise(channels, expansion * channels, damping=1.4)
        self.project = pointwise(expansion * channels, channels, damping=0.1)
        nn.init.dirac_(self.depthwise.weight, groups=channels)
        self.depthwise.weight.data += 0.05 * torch.randn_like(self.depthwise.weight)
        nn.init.zeros_(self.depthwise.bias)  # type: ignore[arg-type]

    def forward(self, values: Tensor) -> Tensor:
        hidden = functional.leaky_relu(self.expand(self.depthwise(values)), 0.1)
        return values + self.project(hidden)


class QualityCurve(nn.Module):
    """A value per channel that bends with quality: linear between eight knots.

    Exponentiated this is a gain vector with exponential interpolation (Cui et al.,
    "Asymmetric Gained Deep Image Compression", 2021), shared by neighbours.
    """

    def __init__(self, initial: Tensor) -> None:
        super().__init__()
        self.knots = nn.Parameter(initial.float().repeat(KNOTS, 1))

    def forward(self, quality: Tensor) -> Tensor:
        """Quality in 0..100, shape [batch] -> [batch, channels, 1, 1]."""
        position = quality * ((KNOTS - 1) / 100)
        knots = torch.arange(KNOTS, dtype=position.dtype, device=position.device)
        hat = (1 - (position[:, None] - knots).abs()).clamp(min=0)
        return (hat @ self.knots)[:, :, None, None]
