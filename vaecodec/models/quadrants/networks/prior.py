"""The prior: what is known of symbols before they are, from those already known.

    hyper-latent Z at 1/64, first half -> context -> second half
        |
      4 x P at 1/64 -> P at 1/32, block -> 4 x P -> P at 1/16, gain
                                                     |
        +--------------------------------------------+ features P at 1/16
        |
        +-> block -> means, scales of step 0
        +<- latents and magnitudes of step 0
        +-> block -> means, scales of step 1
        :

One row of features runs through the four steps of the latent; each adds what became
known before it, and one more residual block. Means and scales of a step come from the
same features. All of it can be computed exactly.
"""

from __future__ import annotations

from typing import NamedTuple

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
from vaecodec.models.networks.exact_rounding import ANY, FINEST, Rows, rows_of
from vaecodec.models.networks.layers import QualityCurve
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.quarters import STEPS, from_places, to_places

SILENT = 0.02
CONTEXT_WIDTH = 64  # of the features that predict half of the hyper-latent
MAGNITUDE_EXPONENT = -5.0
MOST_MAGNITUDE = 15  # larger symbols look the same
SCALE_EXPONENT = -12.0  # log scales are multiples of 2**-12 nats


class HyperContext(nn.Module):
    """First half of the hyper-symbols, 0 elsewhere -> means and log scales [B, Z, ...].

    Only those of the second half count.
    """

    whole: Tensor
    lowest: Tensor
    highest: Tensor

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        channels, width = configuration.hyper_channels, CONTEXT_WIDTH
        self.enter = ExactPointwise(channels, width)
        self.block = ExactBlock(width, kernel=3)
        self.before_leave = Narrow(width)
        self.leave = ExactPointwise(width, 2 * channels, damping=SILENT)
        self.register_buffer("whole", torch.zeros(1, 1, 1), persistent=False)
        self.register_buffer("lowest", row_bounds(-ANY, channels), persistent=False)
        self.register_buffer("highest", row_bounds(ANY, channels), persistent=False)

    def forward(self, first: Tensor) -> tuple[Tensor, Tensor]:
        features = self.enter(first, self.whole, rows_of(self.block.stream))
        features = self.before_leave(self.block(features.float()))
        exponent = self.before_leave.exponent
        both = self.leave(features, exponent, self.leave_rows).float()
        means, log_scales = both.chunk(2, dim=1)
        return means, log_scales

    @property
    def leave_rows(self) -> Rows:
        """Any for means, always the same for log scales."""
        return Rows(self.lowest, self.highest)


class Expansion(nn.Module):
    """Hyper-symbols [B, Z, h/4, w/4], quality -> features [B, P, h, w]."""

    whole: Tensor

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        width = configuration.prior_channels
        self.enter = ExactPointwise(configuration.hyper_channels, 4 * width)
        self.block = ExactBlock(width)
        self.before_up = Narrow(width)
        self.up = ExactPointwise(width, 4 * width)
        self.before_gain = Narrow(width)
        self.gain = QualityCurve(torch.zeros(width))
        self.register_buffer("whole", torch.zeros(1, 1, 1), persistent=False)

    def forward(self, hyper_symbols: Tensor, quality: Tensor, stream: Tensor) -> Tensor:
        """Features in multiples of 2**stream [P, 1, 1]."""
        shuffled = self.block.stream.repeat_interleave(4, 0)
        wide = self.enter(hyper_symbols, self.whole, rows_of(shuffled))
        # [B, 4 P, h/4, w/4] -> [B, P, h/2, w/2]
        features = self.before_up(self.block(functional.pixel_shuffle(wide, 2).float()))
        wide = self.up(features, self.before_up.exponent, self.up_rows)
        # [B, 4 P, h/2, w/2] -> [B, P, h, w]
        features = self.before_gain(functional.pixel_shuffle(wide, 2).float())
        gain = self.gain(quality).exp()
        return features * exact_gain(gain, self.before_gain, stream)

    @property
    def up_rows(self) -> Rows:
        """Of sums that are narrowed before they are multiplied by the gain."""
        shuffled = self.before_gain.exponent.repeat_interleave(4, 0)
        return Rows(shuffled - FINEST, shuffled)


class Known(NamedTuple):
    """What a step made known, [B, 4, M / 4, h / 2, w / 2] each.

    Attributes:
        normal: latents in units of their spread, narrow.
        symbols: whole numbers.
        exponent: of the narrow ones [4, M / 4, 1, 1].
    """

    normal: Tensor
    symbols: Tensor
    exponent: Tensor


class LatentStep(nn.Module):
    """One step of the latent: features [B, P, h, w] -> better ones, and a prediction.

    Args:
        configuration: of the model.
        first: nothing of the latent is known yet.
    """

    lowest: Tensor
    highest: Tensor

    def __init__(self, configuration: Configuration, *, first: bool) -> None:
        super().__init__()
        width, quarter = (
            configuration.prior_channels,
            configuration.latent_channels // 4,
        )
        if not first:
            self.magnitude = Narrow(exponent=MAGNITUDE_EXPONENT)
            self.enter = ExactPointwise(2 * quarter, width, groups=4, damping=0.3)
        self.block = ExactBlock(width)
        self.before_leave = Narrow(width)
        self.leave = ExactPointwise(width, 2 * quarter, groups=4, damping=SILENT)
        self.offset = QualityCurve(torch.zeros(configuration.latent_channels))
        self.register_buffer(
            "lowest", row_bounds(-ANY, quarter).repeat(4, 1, 1), persistent=False
        )
        self.register_buffer(
            "highest", row_bounds(ANY, quarter).repeat(4, 1, 1), persistent=False
        )

    def forward(
        self, features: Tensor, known: Known | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Features, what the step before made known -> features, means, log scales.

        Means (in units of the spread) and log scales (nats, without the offset) are
        [B, 4, M / 4, h / 2, w / 2].
        """
        if known is not None:
            features = features + from_places(self._entered(known)).float()
        features = self.block(features)
        seen = to_places(self.before_leave(features))
        exponent = self.before_leave.exponent.repeat(4, 1, 1)
        both = self.leave(seen, exponent, self.leave_rows).float()
        # [B, 4 x 2 x M / 4, h / 2, w / 2]
        means, log_scales = both.unflatten(1, (4, 2, -1)).unbind(2)
        return features, means, log_scales

    @property
    def leave_rows(self) -> Rows:
        """Any for means, always the same for log scales."""
        return Rows(self.lowest, self.highest)

    def _entered(self, known: Known) -> Tensor:
        """What is known -> features [B, 4 P, h / 2, w / 2]."""
        magnitudes = self.magnitude(_magnitude(known.symbols))
        # [B, 4, 2 x M / 4, h / 2, w / 2] -> [B, 4 x 2 x M / 4, h / 2, w / 2]
        seen = torch.cat([known.normal, magnitudes], dim=2).flatten(1, 2)
        exponent = self.known_exponent(known.exponent)
        rows = rows_of(self.block.stream.repeat(4, 1, 1))
        entered: Tensor = self.enter(seen, exponent, rows)
        return entered

    def known_exponent(self, normal: Tensor) -> Tensor:
        """Those of latents [4, M / 4, 1, 1] -> of all inputs [4 x 2 x M / 4, 1, 1]."""
        both = [normal, self.magnitude.exponent.expand_as(normal)]
        return torch.cat(both, dim=1).flatten(0, 1)


class Prior(nn.Module):
    """All that predicts symbols."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        hyper = configuration.hyper_channels
        self.hyper_context = HyperContext(configuration)
        self.hyper_first = QualityCurve(torch.zeros(hyper))
        self.hyper_second = QualityCurve(torch.zeros(hyper))
        self.expansion = Expansion(configuration)
        self.steps: Row[LatentStep] = Row(
            LatentStep(configuration, first=number == 0) for number in range(STEPS)
        )


def row_bounds(means: float, channels: int) -> Tensor:
    """Exponents [2 C, 1, 1] for the rows of means, and those of scales, all alike."""
    bounds = torch.tensor([means, SCALE_EXPONENT]).repeat_interleave(channels)
    return bounds[:, None, None]


def _magnitude(symbols: Tensor) -> Tensor:
    """log2(1 + min(|q|, 15)): how large a symbol came out; without a gradient."""
    return torch.log2(1 + symbols.detach().abs().clamp(max=MOST_MAGNITUDE))
