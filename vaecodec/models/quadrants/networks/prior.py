"""The prior: what is known of symbols before they are, from those already known.

    hyper-latent Z at 1/64, first half -> context -> second half
        |
      4 x P at 1/64 -> P at 1/32, block -> 4 x P -> P at 1/16, gain, block
                                                                |
                                          base P at 1/16, 8 bits
                                             |              |
    means, scales of step 0 <----------------+           context P
                                             |              |
                                             |              + <- latents and magnitudes
                                             |              |    of step 0
    means, scales of step 1 <----------------+<- block <----+
                                             |              |
                                             |              + <- those of step 1
                                             :              :

Two rows of features lead to the prediction of each step: the base, which the
hyper-latent gives, and a context that takes in what became known since then. Means and
scales of a step come from the same features. All of it can be computed exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vaecodec.models.networks.exact_layers import (
    ExactBlock,
    ExactPointwise,
    Narrow,
    Row,
)
from vaecodec.models.networks.exact_rounding import ANY, Rows, rows_of
from vaecodec.models.networks.layers import QualityCurve
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.expansion import Expansion, Narrowed
from vaecodec.models.quadrants.networks.quarters import STEPS, from_places, to_places

SILENT = 0.02
CONTEXT_WIDTH = 64  # of the features that predict half of the hyper-latent
MAGNITUDE_EXPONENT = -5.0
MOST_MAGNITUDE = 15  # larger symbols look the same
NORMAL_EXPONENT = -4.0  # of a latent in units of its spread, before calibration
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
    """One step of the latent: what is known -> a prediction.

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
        self.from_base = _head(width, quarter)
        if not first:
            self.magnitude = Narrow(exponent=MAGNITUDE_EXPONENT)
            self.enter = ExactPointwise(2 * quarter, width, groups=4, damping=0.3)
            self.block = ExactBlock(width)
            self.before_leave = Narrow(width)
            self.from_context = _head(width, quarter)
        self.offset = QualityCurve(torch.zeros(configuration.latent_channels))
        self.register_buffer(
            "lowest", row_bounds(-ANY, quarter).repeat(4, 1, 1), persistent=False
        )
        self.register_buffer(
            "highest", row_bounds(ANY, quarter).repeat(4, 1, 1), persistent=False
        )

    def forward(self, base: Narrowed, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Base and context [B, P, h, w] -> prediction; no context in the first step.

        Means (in units of the spread) and log scales (nats, without the offset) are
        [B, 4, M / 4, h / 2, w / 2].
        """
        both = self._predicted(self.from_base, base)
        if context is not None:
            seen = self.before_leave(self.block(context))
            seen = Narrowed(seen, self.before_leave.exponent)
            both = both + self._predicted(self.from_context, seen)
        # [B, 4 x 2 x M / 4, h / 2, w / 2]
        means, log_scales = both.unflatten(1, (4, 2, -1)).unbind(2)
        return means, log_scales

    def informed(self, context: Tensor, known: Known) -> Tensor:
        """The context of the step before, and what became known in that step."""
        magnitudes = self.magnitude(_magnitude(known.symbols))
        # [B, 4, 2 x M / 4, h / 2, w / 2] -> [B, 4 x 2 x M / 4, h / 2, w / 2]
        seen = torch.cat([known.normal, magnitudes], dim=2).flatten(1, 2)
        exponent = self.known_exponent(known.exponent)
        rows = rows_of(self.block.stream.repeat(4, 1, 1))
        return context + from_places(self.enter(seen, exponent, rows)).float()

    @property
    def leave_rows(self) -> Rows:
        """Any for means, always the same for log scales."""
        return Rows(self.lowest, self.highest)

    def known_exponent(self, normal: Tensor) -> Tensor:
        """Those of latents [4, M / 4, 1, 1] -> of all inputs [4 x 2 x M / 4, 1, 1]."""
        both = [normal, self.magnitude.exponent.expand_as(normal)]
        return torch.cat(both, dim=1).flatten(0, 1)

    def _predicted(self, head: ExactPointwise, seen: Narrowed) -> Tensor:
        places, exponent = to_places(seen.values), seen.exponent.repeat(4, 1, 1)
        both: Tensor = head(places, exponent, self.leave_rows)
        return both.float()


class Prior(nn.Module):
    """All that predicts symbols.

    Attributes:
        normal_exponent: of latents in units of their spread, as steps see them.
    """

    normal_exponent: Tensor

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        hyper = configuration.hyper_channels
        self.hyper_context = HyperContext(configuration)
        self.hyper_first = QualityCurve(torch.zeros(hyper))
        self.hyper_second = QualityCurve(torch.zeros(hyper))
        width, latent = configuration.prior_channels, configuration.latent_channels
        self.expansion = Expansion(hyper, width)
        self.begin = ExactPointwise(width, width)
        self.steps: Row[LatentStep] = Row(
            LatentStep(configuration, first=number == 0) for number in range(STEPS)
        )
        self.register_buffer(
            "normal_exponent", torch.full((latent, 1, 1), NORMAL_EXPONENT)
        )

    def context(self, base: Narrowed) -> Tensor:
        """What the context is before anything of the latent is known [B, P, h, w]."""
        rows = rows_of(self.steps[1].block.stream)
        context: Tensor = self.begin(base.values, base.exponent, rows)
        return context.float()


def row_bounds(means: float, channels: int) -> Tensor:
    """Exponents [2 C, 1, 1] for the rows of means, and those of scales, all alike."""
    bounds = torch.tensor([means, SCALE_EXPONENT]).repeat_interleave(channels)
    return bounds[:, None, None]


def _head(width: int, quarter: int) -> ExactPointwise:
    """Features at the four places -> means and log scales of a quarter at each."""
    return ExactPointwise(width, 2 * quarter, groups=4, damping=SILENT)


def _magnitude(symbols: Tensor) -> Tensor:
    """log2(1 + min(|q|, 15)): how large a symbol came out; without a gradient."""
    return torch.log2(1 + symbols.detach().abs().clamp(max=MOST_MAGNITUDE))
