"""Where the binary points of a trained model lie: once, before it learns to be exact.

Each narrow value gets the exponent whose range is closest to the largest magnitude
seen. The values along a stream share the exponents of its channels, up to a whole
number for each place: shifts that are the same for all channels are the fastest. In the
painter a place may cut off its largest values, if finer multiples of all others bring
its picture closer to the one that nothing is rounded for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vaecodec.models.networks.exact_layers import (
    ExactBlock,
    Narrow,
    narrows,
    wanted_exponent,
)
from vaecodec.models.networks.exact_rounding import SIGNED
from vaecodec.models.quadrants.latent_step import LATENT_LIMIT
from vaecodec.models.quadrants.networks.painter import SUM_EXPONENT, Painter
from vaecodec.models.sizes import PATCH

if TYPE_CHECKING:
    from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae

BATCH = 8
LARGEST_LATENT = 18.0  # 8 * sqrt(3) is that of white, networks add to it
# Bits of a stream below those of a narrow value; those of hyper-symbols count whole
# numbers, which are large.
STREAM_BITS, HYPER_STREAM_BITS = 10, 8
LOWER = (0, 1, 2)  # how much finer a place may be than its largest values ask for
MOST = 0.98  # of the channels of a stream keep within the range of a place


@torch.no_grad()
def calibrate(model: QuadrantVae, images: Tensor) -> None:
    """Set all exponents from images [N, 3, H, W] in 0..1, at all qualities."""
    painter, prior = model.painter, model.prior
    for place in narrows(model):
        place.observing = True
    seen = _Seen(painter)
    for batch in images.split(BATCH):
        quality = torch.linspace(0, 100, len(batch), device=batch.device)
        model(batch, quality, hard=True)
    for place in narrows(model):
        place.observing = False
    _settle(list(painter.fine)[:-1], [])
    _settle(list(painter.fine)[-1:], [painter.before_leave])
    seen.stop()
    _lay_latents(model, seen.largest)
    painter.before_gain.exponent.copy_(painter.before_gain.wanted.round())
    context, expansion, later = prior.hyper_context, prior.expansion, [*prior.steps][1:]
    _settle([context.block], [context.before_leave], HYPER_STREAM_BITS)
    _settle([expansion.block], [expansion.before_up], HYPER_STREAM_BITS)
    for refinement in (expansion.refinement, painter.guidance.refinement):
        place = refinement.before_gain
        place.exponent.copy_(place.wanted.round())
        _settle([refinement.block], [refinement.before_end])
    _settle([step.block for step in later], [step.before_leave for step in later])
    _cut_off(painter, seen.given[::4], images.split(BATCH)[::4])


class _Seen:
    """Keeps what a painter is given.

    Attributes:
        given: latents, hyper-symbols and qualities of each pass.
    """

    def __init__(self, painter: Painter) -> None:
        self.given: list[tuple[Tensor, ...]] = []
        self._hook = painter.register_forward_pre_hook(
            lambda _, given: self.given.append(given)
        )

    def stop(self) -> None:
        """Keep no more."""
        self._hook.remove()

    @property
    def largest(self) -> Tensor:
        """Magnitudes of latents [M, 1, 1]."""
        peaks = [latent.abs().amax((0, 2, 3)) for latent, *_ in self.given]
        return torch.stack(peaks).amax(0)[:, None, None]


def _cut_off(
    painter: Painter, given: Sequence[tuple[Tensor, ...]], images: Sequence[Tensor]
) -> None:
    """Lower the exponents of places by what harms the picture least."""
    smooth = [painter(*each) for each in given]
    for place in narrows(painter):
        usual = place.exponent.clone()
        harms = []
        place.exact = True
        for lower in LOWER:
            place.exponent.copy_(usual - lower)
            rounded = [painter(*each) for each in given]
            harms.append(sum(map(_harm, rounded, smooth, images)))
        place.exact = False
        place.exponent.copy_(usual - LOWER[harms.index(min(harms))])


def _harm(rounded: Tensor, smooth: Tensor, image: Tensor) -> float:
    """Squared error by rounding, as a share of that which the picture has anyway."""
    own = (smooth - image).square().mean((1, 2, 3))
    return float(((rounded - smooth).square().mean((1, 2, 3)) / own).sum())


def _lay_latents(model: QuadrantVae, largest: Tensor) -> None:
    """What latents are multiples of, and how large they may be.

    The products of latents and weights are multiples of one power of two. It is
    divided among them so that the rounding of both does equal harm.
    """
    painter = model.painter
    even = PATCH * 3**0.5 * painter.spread  # harm of a weight's rounding
    exponent = ((torch.log2(even) + SUM_EXPONENT) / 2).round()
    painter.latent_exponent.copy_(exponent)
    most = LARGEST_LATENT * torch.exp2(-exponent)
    painter.most.copy_(most.floor().clamp(max=LATENT_LIMIT))
    wanted = wanted_exponent(largest / painter.spread, SIGNED).round()
    model.prior.normal_exponent.copy_(wanted.maximum(painter.normal_exponent))


def _settle(
    blocks: Sequence[ExactBlock], places: Sequence[Narrow], bits: int = STREAM_BITS
) -> None:
    """Exponents of the blocks on a stream, and of other places where it is narrowed."""
    along = [*places, *(block.seen for block in blocks)]
    base = torch.stack([place.wanted for place in along]).amax(0).round()
    for place in along:
        below = torch.quantile(place.wanted - base, MOST).round()
        place.exponent.copy_(base + below)
    for block in blocks:
        block.mixed.exponent.copy_(block.mixed.wanted.round())
        block.hidden.exponent.copy_(block.hidden.wanted.round())
        block.stream.copy_(base - bits)
