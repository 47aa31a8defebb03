"""Layers that can be computed in integers, as networks that can be trained.

Every value of an exact network is a whole multiple of a power of two. Here such a
network is trained: first as it is, then, `exact`, with all values and weights rounded
as the receiver will round them, while gradients pass as if nothing had been rounded
(Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", 2018). Since float32 holds every integer below
2**24, an exact network then computes the numbers of `models.exact`, to the last bit.

    stream (wide) -> Narrow -> depthwise -> Narrow -> 1x1 -> Narrow -> 1x1 (wide) -+
        |                                                                         |
        +------------------------------------------------------------------> add <+
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.exact.facts import DEPTHWISE_LIMIT, POINTWISE_LIMIT
from vaecodec.models.networks.exact_rounding import (
    FINEST,
    SIGNED,
    SMALLEST,
    UNSIGNED,
    IntegerLayer,
    Rows,
    integer_layer,
    multiples,
    rows_of,
    through,
)
from vaecodec.models.networks.layers import DepthwiseConvolution, in_bfloat16

Layer = TypeVar("Layer", bound=nn.Module)


class Narrow(nn.Module):
    """Rounds to 8 bits: multiples -128..127 of 2**exponent, or 0..255 of them.

    Unsigned it is a ReLU as well. While `exact` is off it rounds nothing, and notes how
    large its input becomes if `observing`.

    Args:
        channels: C; 1 is one exponent for all there are.
        signed: -128..127, else 0..255.
        exponent: to begin with.

    Attributes:
        exponent: [C, 1, 1].
        largest: magnitude that was observed [C, 1, 1].
    """

    exponent: Tensor
    largest: Tensor

    def __init__(
        self,
        channels: int = 1,
        *,
        signed: bool = True,
        exponent: float = 0.0,
    ) -> None:
        super().__init__()
        self.limits = SIGNED if signed else UNSIGNED
        self.exact = self.observing = False
        shape = (channels, 1, 1)
        self.register_buffer("exponent", torch.full(shape, exponent))
        self.register_buffer("largest", torch.zeros(shape), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        if self.limits == UNSIGNED:
            values = functional.relu(values)
        if self.observing:
            self._observe(values.detach())
        if not self.exact:
            return values
        return multiples(values, self.exponent, *self.limits)

    @property
    def rows(self) -> Rows:
        """What the sums of the layer before may be multiples of."""
        return Rows(self.exponent - FINEST, self.exponent)

    @property
    def wanted(self) -> Tensor:
        """Exponents, not whole, that would make the best of what was observed."""
        return wanted_exponent(self.largest, self.limits)

    def _observe(self, values: Tensor) -> None:
        one_for_all = len(self.largest) == 1
        peaks = values.abs().float()
        peaks = peaks.amax() if one_for_all else peaks.amax((0, 2, 3))
        self.largest = torch.maximum(self.largest, peaks.view_as(self.largest))


class ExactPointwise(nn.Module):
    """A 1x1 layer with whole multiples of a power of two, one for each row.

    Args:
        inputs: channels in, for each group.
        outputs: channels out, for each group.
        limit: largest multiple.
        groups: layers side by side, for parts of the channels.
        damping: scales the initial weights.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        limit: int = POINTWISE_LIMIT,
        groups: int = 1,
        damping: float = 1.0,
    ) -> None:
        super().__init__()
        self.limit, self.groups, self.exact = limit, groups, False
        std = damping * inputs**-0.5
        self.weight = nn.Parameter(std * torch.randn(groups * outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(groups * outputs))

    def forward(self, values: Tensor, exponent: Tensor, rows: Rows) -> Tensor:
        """[B, groups x inputs, h, w] -> [B, groups x outputs, h, w].

        Args:
            values: multiples of 2**exponent.
            exponent: [1, 1, 1] or [groups x inputs, 1, 1].
            rows: what the result may be a multiple of.
        """
        weight: Tensor = self.weight
        bias: Tensor = self.bias
        if self.exact:
            exact = self.integers(exponent, rows).reals(self.input_units(exponent))
            weight, bias = map(through, (weight, bias), exact)
        if self.limit > POINTWISE_LIMIT:  # of values wider than bfloat16
            return functional.conv2d(values, weight[:, :, None, None], bias)
        with in_bfloat16(self, values.device.type):
            if self.groups == 1:
                return functional.conv2d(values, weight[:, :, None, None], bias)
            return self._grouped(values, weight) + bias[:, None, None]

    def integers(self, exponent: Tensor, rows: Rows) -> IntegerLayer:
        """The layer as the receiver has it."""
        scaled = self.weight.detach() * self.input_units(exponent)
        return integer_layer(scaled, self.bias.detach(), self.limit, rows)

    def input_units(self, exponent: Tensor) -> Tensor:
        """What each weight's input is a multiple of: [1], or [groups x outputs, in]."""
        units = torch.exp2(exponent.flatten())
        if len(units) == 1:
            return units
        # [groups x inputs] -> [groups, 1, inputs] -> [groups x outputs, inputs]
        outputs = len(self.weight) // self.groups
        rows = units.view(self.groups, 1, -1).expand(-1, outputs, -1)
        return rows.reshape(self.weight.shape)

    def _grouped(self, values: Tensor, weight: Tensor) -> Tensor:
        batch, _, height, width = values.shape
        # [B, groups x inputs, h, w] -> [B, groups, inputs, n]
        parts = values.reshape(batch, self.groups, -1, height * width)
        rows = weight.view(self.groups, -1, weight.shape[1])
        sums = torch.matmul(rows, parts)
        return sums.reshape(batch, -1, height, width)


class ExactDepthwise(DepthwiseConvolution):
    """A k x k layer with one kernel per channel, whose weights are 8-bit multiples."""

    bias: nn.Parameter

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__(channels, kernel)
        self.exact = False
        nn.init.dirac_(self.weight, groups=channels)
        self.weight.data += 0.05 * torch.randn_like(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, values: Tensor, exponent: Tensor, rows: Rows) -> Tensor:  # type: ignore[override]
        """[B, C, h, w], multiples of 2**exponent [C, 1, 1] -> the same shape."""
        weight: Tensor = self.weight
        bias: Tensor = self.bias
        if self.exact:
            exact = self.integers(exponent, rows).reals(self.input_units(exponent))
            weight, bias = map(through, (weight, bias), exact)
        return self.convolve(values, weight, bias)

    def integers(self, exponent: Tensor, rows: Rows) -> IntegerLayer:
        """The layer as the receiver has it, weights [C, k * k]."""
        scaled = self.weight.detach().flatten(1) * self.input_units(exponent)
        return integer_layer(scaled, self.bias.detach(), DEPTHWISE_LIMIT, rows)

    def input_units(self, exponent: Tensor) -> Tensor:
        """What the inputs of each kernel are multiples of [C, 1]."""
        return torch.exp2(exponent.flatten(1))


class ExactBlock(nn.Module):
    """x + W2 relu(W1 depthwise(x)): the residual block of exact networks.

    Attributes:
        stream: what values of the stream are multiples of, exponents [C, 1, 1].
    """

    stream: Tensor

    def __init__(self, channels: int, *, expansion: int = 2, kernel: int = 5) -> None:
        super().__init__()
        self.seen = Narrow(channels)
        self.depthwise = ExactDepthwise(channels, kernel)
        self.mixed = Narrow(channels)
        self.expand = ExactPointwise(channels, expansion * channels, damping=1.4)
        self.hidden = Narrow(expansion * channels, signed=False)
        self.project = ExactPointwise(expansion * channels, channels, damping=0.1)
        self.register_buffer("stream", torch.zeros(channels, 1, 1))

    def forward(self, values: Tensor) -> Tensor:
        seen = self.seen(values)
        mixed = self.depthwise(seen, self.seen.exponent, self.mixed.rows)
        hidden = self.expand(self.mixed(mixed), self.mixed.exponent, self.hidden.rows)
        change = self.project(
            self.hidden(hidden), self.hidden.exponent, rows_of(self.stream)
        )
        return values + change.to(values.dtype)


class Row(nn.ModuleList, Generic[Layer]):
    """Layers of one kind, one after the other."""

    def __iter__(self) -> Iterator[Layer]:
        return super().__iter__()  # type: ignore[return-value]

    def __getitem__(self, number: int) -> Layer:  # type: ignore[override]
        return super().__getitem__(number)  # type: ignore[return-value]


def wanted_exponent(largest: Tensor, limits: tuple[int, int]) -> Tensor:
    """Exponents, not whole, with which magnitudes just fit into a narrow value."""
    return torch.log2(largest.clamp(min=SMALLEST) / limits[1])


def exact_gain(gain: Tensor, place: Narrow, stream: Tensor) -> Tensor:
    """Gains [B, C, 1, 1] that turn narrow values into multiples of 2**stream."""
    if not place.exact:
        return gain
    unit = torch.exp2(stream - place.exponent)
    return through(gain, torch.round(gain / unit) * unit)


def set_exact(network: nn.Module, exact: bool) -> None:
    """Let a network round as the receiver does, or not at all."""
    for layer in network.modules():
        if hasattr(layer, "exact"):
            layer.exact = exact  # type: ignore[assignment]


def narrows(network: nn.Module) -> Iterator[Narrow]:
    """All places of a network where values become 8 bits wide."""
    return (layer for layer in network.modules() if isinstance(layer, Narrow))
