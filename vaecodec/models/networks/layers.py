"""The two building blocks of every transform.

Only operations that ONNX Runtime and PyTorch run fast on a CPU are used: 1x1 and
depthwise convolutions, leaky ReLU, pixel (un)shuffle. No normalisation, so that
windows of an image give the same values as the whole image.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_weight

KNOTS = 8


def _bfloat16_devices() -> frozenset[str]:
    cpu = torch.cpu.get_capabilities().get("avx512_bf16")
    cuda = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    names = (name for name, fast in (("cpu", cpu), ("cuda", cuda)) if fast)
    return frozenset(names)


# Devices on which matrix products in bfloat16 are fast and not emulated. Asked once:
# `torch.compile` cannot look into these questions.
BFLOAT16_DEVICES = _bfloat16_devices()


def pointwise(inputs: int, outputs: int, *, damping: float = 1.0) -> nn.Conv2d:
    """A 1x1 convolution; `damping` scales its initial weights, its bias starts at 0."""
    layer = nn.Conv2d(inputs, outputs, 1)
    nn.init.normal_(layer.weight, std=damping * inputs**-0.5)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class DepthwiseConvolution(nn.Conv2d):
    """A k x k convolution with one kernel per channel, zero padded to keep the shape.

    In training on a CPU its weight gradient is put together from 3x3 windows: that
    kernel size alone has a fast implementation there (a quarter of the time for 5x5).
    """

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__(
            channels, channels, kernel, padding=kernel // 2, groups=channels
        )

    def forward(self, values: Tensor) -> Tensor:
        assert self.bias is not None
        return self.convolve(values, self.weight, self.bias)

    def convolve(self, values: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Values [B, C, h, w] under other weights [C, 1, k, k] and biases [C]."""
        if not self.training or values.device.type != "cpu":
            return self._conv_forward(values, weight, bias)
        result: Tensor = _Depthwise.apply(values, weight, bias)  # type: ignore[no-untyped-call]
        return result


class ResidualBlock(nn.Module):
    """x + W2 lrelu(W1 depthwise(x)), the ConvNeXt order without a norm.

    Works on [batch, channels, height, width] and keeps the shape. In training the
    1x1 layers run in bfloat16 where the processor has it; the sum keeps the type of
    its input.
    """

    def __init__(self, channels: int, *, expansion: int = 2, kernel: int = 5) -> None:
        super().__init__()
        self.depthwise = DepthwiseConvolution(channels, kernel)
        self.expand = pointwise(channels, expansion * channels, damping=1.4)
        self.project = pointwise(expansion * channels, channels, damping=0.1)
        nn.init.dirac_(self.depthwise.weight, groups=channels)
        self.depthwise.weight.data += 0.05 * torch.randn_like(self.depthwise.weight)
        nn.init.zeros_(self.depthwise.bias)  # type: ignore[arg-type]

    def forward(self, values: Tensor) -> Tensor:
        mixed = self.depthwise(values)
        with in_bfloat16(self, values.device.type):
            hidden = functional.leaky_relu(self.expand(mixed), 0.1)
            change = self.project(hidden)
        return values + change.to(values.dtype)


def in_bfloat16(module: nn.Module, device: str) -> torch.autocast:
    """Context in which a module that is being trained computes in bfloat16."""
    enabled = module.training and device in BFLOAT16_DEVICES
    return torch.autocast(device, torch.bfloat16, enabled=enabled)


def trunk_in_bfloat16(module: nn.Module, device: str) -> torch.autocast:
    """The same for a whole network, on GPUs only.

    There the traffic of activations is the bottleneck; on a CPU only the 1x1 pairs
    gain (see `ResidualBlock`), the rest loses by converting.
    """
    enabled = module.training and device in BFLOAT16_DEVICES - {"cpu"}
    return torch.autocast(device, torch.bfloat16, enabled=enabled)


class QualityCurve(nn.Module):
    """A value per channel that bends with quality: linear between eight knots.

    Exponentiated this is a gain vector with exponential interpolation (Cui et al.,
    "Asymmetric Gained Deep Image Compression", 2021), shared by neighbours.
    """

    def __init__(self, initial: Tensor) -> None:
        super().__init__()
        self.knots = nn.Parameter(initial.float().repeat(KNOTS, 1))

    def forward(self, quality: Tensor) -> Tensor:
        """Quality in 0..100, [B] or a map [B, r, c] -> [B, C, 1, 1] or [B, C, r, c]."""
        everywhere = quality if quality.dim() == 3 else quality[:, None, None]
        # [B, r, c, C] -> [B, C, r, c]
        return interpolated(everywhere, self.knots).permute(0, 3, 1, 2)


def pixel_unshuffle(values: Tensor, factor: int) -> Tensor:
    """What torch's function of this name does, in half of its time.

    [B, C, factor h, factor w] -> [B, factor^2 C, h, w]. One axis moves at a time, for
    which ONNX Runtime and PyTorch have fast code; ONNX has no such operation.
    """
    batch, channels, height, _ = values.shape
    lines = values.reshape(batch, channels, height, -1, factor).transpose(3, 4)
    # Of each line of squares: [B, C, h, factor^2, w]
    squares = lines.reshape(batch, channels, -1, factor**2, lines.shape[4])
    return squares.transpose(2, 3).flatten(1, 2)


def enlarged(gain: Tensor) -> Tensor:
    """A gain map [B, C, r, c] -> the nearest values of it [B, C, 2 r, 2 c].

    A gain that is the same everywhere [B, C, 1, 1] stays as it is: it multiplies
    features of any size, and fast.
    """
    batch, channels, rows, columns = gain.shape
    # 2, but 1 for a length of 1. No branch: an exported graph would keep only one arm.
    down, across = 2 - 1 // rows, 2 - 1 // columns
    squares = gain[:, :, :, None, :, None].expand(-1, -1, -1, down, -1, across)
    return squares.reshape(batch, channels, rows * down, columns * across)


def interpolated(quality: Tensor, knots: Tensor) -> Tensor:
    """Read a curve with evenly spread knots [K, C] at 0..100 [...] -> [..., C].

    It goes straight from knot to knot.
    """
    position = quality * ((len(knots) - 1) / 100)
    numbers = torch.arange(len(knots), dtype=position.dtype, device=position.device)
    hat = (1 - (position[..., None] - numbers).abs()).clamp(min=0)
    return hat @ knots


class _Depthwise(torch.autograd.Function):
    """Depthwise convolution whose weight gradient is fast for any odd kernel."""

    @staticmethod
    def forward(context: Any, values: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        context.save_for_backward(values, weight)
        return functional.conv2d(
            values, weight, bias, padding=weight.shape[-1] // 2, groups=len(weight)
        )

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        values, weight = context.saved_tensors
        padding, channels = weight.shape[-1] // 2, len(weight)
        flipped = weight.flip(2, 3)
        to_values = functional.conv2d(
            gradient, flipped, padding=padding, groups=channels
        )
        to_weight = _weight_gradient(values, weight, gradient)
        return to_values, to_weight, gradient.sum((0, 2, 3))


def _weight_gradient(values: Tensor, weight: Tensor, gradient: Tensor) -> Tensor:
    """Gradient [C, 1, k, k], computed in squares of 3x3 and cut to size."""
    channels, kernel = len(weight), weight.shape[-1]
    height, width = gradient.shape[-2:]
    squares = -(-kernel // 3)
    before, after = kernel // 2, 3 * squares - 1 - kernel // 2
    padded = functional.pad(values, (before, after, before, after))
    padded = padded.contiguous(memory_format=torch.channels_last)
    found = weight.new_empty(channels, 1, 3 * squares, 3 * squares)
    for top in range(0, 3 * squares, 3):
        for left in range(0, 3 * squares, 3):
            window = padded[:, :, top : top + height + 2, left : left + width + 2]
            found[:, :, top : top + 3, left : left + 3] = conv2d_weight(
                window, (channels, 1, 3, 3), gradient, groups=channels
            )
    return found[:, :, :kernel, :kernel].contiguous()
