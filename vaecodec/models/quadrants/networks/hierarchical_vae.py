"""The whole model: a hierarchical VAE whose receiver can be computed exactly.

    image -> analysis -> latent t in steps -> hyper-analysis -> hyper-latent z
                            |                                       |
                            |          first half ==> second half ==> symbols
                            v                                       |
             step by step: t less means ==> symbols    <-  means, scales <- prior
                            |                  |
    image <- painter <- latent <- means + symbols x step

    ==> symbols are coded by the tables of their scales

Posterior, prior and likelihood are those of the architecture `checkerboard`, with
p(z) = p(z_1) p(z_2 | z_1) and p(t) = p(t_1 | z) p(t_2 | z, t_1) ... for four steps.
While the receiver is not `exact` nothing in it is rounded but symbols; exact, it
computes what files will hold and what everybody will see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from vaecodec.models.networks.exact_layers import set_exact
from vaecodec.models.networks.exact_rounding import SIGNED, multiples, through
from vaecodec.models.networks.latent_model import (
    LatentModel,
    chosen_symbols,
    first_group,
    noisy,
)
from vaecodec.models.networks.likelihoods import bits, bound_scales, round_through
from vaecodec.models.networks.trainable import Coded
from vaecodec.models.quadrants.networks.calibration import calibrate
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.expansion import Narrowed
from vaecodec.models.quadrants.networks.painter import Painter
from vaecodec.models.quadrants.networks.prior import Known, Prior
from vaecodec.models.quadrants.networks.quarters import (
    by_place,
    gathered,
    scattered,
)
from vaecodec.models.sizes import HYPER_LIMIT

WIDTH_BITS = 9  # of the width of a step below what a latent is a multiple of


@dataclass(frozen=True)
class CodedLatent:
    """A latent as it is coded: what the painter gets, and the bits of each element.

    Attributes:
        latent: in units of an orthonormal transform [B, M, h, w].
        bits: [B] of all symbols.
    """

    latent: Tensor
    bits: Tensor


class LatentGrid(NamedTuple):
    """What the latents of a step are rounded to, [1, 4, M / 4, 1, 1] each.

    Attributes:
        spread: of the painter.
        exponent: of what they are multiples of.
        most: their largest magnitude, in these multiples.
        normal_exponent: of latents in units of their spread, as networks see them.
    """

    spread: Tensor
    exponent: Tensor
    most: Tensor
    normal_exponent: Tensor


class QuadrantVae(LatentModel[Configuration]):
    """Transforms, prior and rate ladder of one model for all qualities."""

    architecture = "quadrants"

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self.prior = Prior(configuration)
        self.painter = Painter(configuration)
        self.exact = False
        set_exact(self, configuration.exact)

    @property
    def spread(self) -> Tensor:
        return self.painter.spread

    def forward(self, image: Tensor, quality: Tensor, *, hard: bool = False) -> Coded:
        """See `TrainableModel`; the KL terms are those of both latents."""
        steps = self.latent_steps(image, quality)
        hyper_latent = self.hyper_analysis(steps)
        hyper_symbols = round_through(hyper_latent).clamp(-HYPER_LIMIT, HYPER_LIMIT)
        hyper_bits = self._hyper_bits(hyper_latent, hyper_symbols, quality, hard=hard)
        base = self.prior.expansion(hyper_symbols, quality)
        coded = self._coded(steps, base, quality, hard=hard)
        pixels = image.shape[-2] * image.shape[-1]
        terms = {"hyper": hyper_bits / pixels, "latent": coded.bits / pixels}
        return Coded(terms, self.painter(coded.latent, hyper_symbols, quality))

    def become_exact(self, images: Tensor) -> None:
        if not self.exact:
            calibrate(self, images)
            self.configuration = replace(self.configuration, exact=True)
            set_exact(self, True)

    def known_exponent(self, step: int) -> Tensor:
        """Of what a step is told of the one before it [4 x 2 x M / 4, 1, 1]."""
        normal = by_place(self.prior.normal_exponent, step - 1, axis=0)
        exponent: Tensor = self.prior.steps[step].known_exponent(normal)
        return exponent

    def _hyper_bits(
        self, latent: Tensor, symbols: Tensor, quality: Tensor, *, hard: bool
    ) -> Tensor:
        """Bits [B] of the hyper-latent, its second half predicted from the first."""
        prior = self.prior
        first = first_group(symbols)
        means, log_scales = prior.hyper_context(symbols * first)
        log_scales = torch.where(
            first > 0,
            prior.hyper_first(quality),
            prior.hyper_second(quality) + log_scales,
        )
        means = round_through(means) * (1 - first)
        values = symbols if hard else noisy(latent)
        return bits(values - means, bound_scales(log_scales)).sum((1, 2, 3))

    def _coded(
        self, steps: Tensor, base: Narrowed, quality: Tensor, *, hard: bool
    ) -> CodedLatent:
        """Code the latent step by step."""
        total, latents, known = steps.new_zeros(len(steps)), [], None
        context = self.prior.context(base)
        gain, width = self.log_gain(quality).exp(), self._exact_width(quality)
        worth = self.error_weight(quality)
        for number, predict in enumerate(self.prior.steps):
            grid = self._grid(number)
            if known is not None:
                context = predict.informed(context, known)
            means, log_scales = predict(base, context if number else None)
            means = self._on_grid(means * grid.spread, grid)
            offset = by_place(predict.offset(quality), number, axis=1)
            log_scales = bound_scales(log_scales + offset)
            predicted = means / grid.spread * by_place(gain, number, axis=1)
            residual = gathered(steps, number) - predicted
            symbols = chosen_symbols(
                residual, log_scales, by_place(worth, number, axis=1), hard=hard
            )
            counted = symbols if hard else noisy(residual)
            total = total + bits(counted, log_scales).sum((1, 2, 3, 4))
            latent = self._on_grid(
                means + symbols * by_place(width, number, axis=1), grid
            )
            latents.append(latent)
            known = self._known(latent, symbols, grid)
        return CodedLatent(scattered(latents), total)

    def _grid(self, step: int) -> LatentGrid:
        painter = self.painter
        values = (
            *(painter.spread, painter.latent_exponent),
            *(painter.most, self.prior.normal_exponent),
        )
        return LatentGrid(*(by_place(value[None], step, axis=1) for value in values))

    def _on_grid(self, latent: Tensor, grid: LatentGrid) -> Tensor:
        """What the receiver can hold of latents."""
        if not self.exact:
            return latent
        return multiples(latent, grid.exponent, -grid.most, grid.most)

    def _known(self, latent: Tensor, symbols: Tensor, grid: LatentGrid) -> Known:
        """What the next step is told of this one."""
        normal = latent / grid.spread
        if self.exact:
            normal = multiples(normal, grid.normal_exponent, *SIGNED)
        return Known(normal, symbols, grid.normal_exponent[0])

    def _exact_width(self, quality: Tensor) -> Tensor:
        """The width of a step [B, M, 1, 1], as the receiver has it."""
        width = self.step_width(quality)
        if not self.exact:
            return width
        unit = torch.exp2(self.painter.latent_exponent - WIDTH_BITS)
        return through(width, torch.round(width / unit) * unit)
