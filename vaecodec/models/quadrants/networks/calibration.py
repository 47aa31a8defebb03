"""Where the binary points of a trained model lie: once, before it learns to be exact.

Each narrow value gets the exponent whose range is closest to the largest magnitude
seen. The values along a stream share the exponents of its channels, up to a whole
number for each place: shifts that are the same for all channels are the fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vaecodec.models.networks.exact_layers import ExactBlock, Narrow, narrows
from vaecodec.models.quadrants.networks.painter import SUM_EXPONENT
from vaecodec.models.sizes import PATCH

if TYPE_CHECKING:
    from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae

BATCH = 8
HEADROOM = 1.1  # of latents above the largest that were observed
STREAM_BITS = 8  # of a stream below those of a narrow value
MOST = 0.98  # of the channels of a stream keep within the range of a place


@torch.no_grad()
def calibrate(model: QuadrantVae, images: Tensor) -> None:
    """Set all exponents from images [N, 3, H, W] in 0..1, at all qualities."""
    for place in narrows(model):
        place.observing = True
    for batch in images.split(BATCH):
        quality = torch.linspace(0, 100, len(batch), device=batch.device)
        model(batch, quality, hard=True)
    for place in narrows(model):
        place.observing = False
    painter, prior = model.painter, model.prior
    _settle(list(painter.coarse), [painter.before_up])
    _settle(list(painter.fine)[:-1], [])
    _settle(list(painter.fine)[-1:], [painter.before_leave])
    _lay_latents(model)
    for free in (painter.before_gain, prior.expansion.before_gain):
        free.exponent.copy_(free.wanted.round())
    _settle([prior.hyper_context.block], [prior.hyper_context.before_leave])
    _settle([prior.expansion.block], [prior.expansion.before_up])
    steps = list(prior.steps)
    _settle([step.block for step in steps], [step.before_leave for step in steps])


def _lay_latents(model: QuadrantVae) -> None:
    """What latents are multiples of, and how large they may be.

    The products of latents and weights are multiples of one power of two. It is
    divided among them so that the rounding of both does equal harm.
    """
    painter = model.painter
    even = PATCH * 3**0.5 * painter.spread  # harm of a weight's rounding
    exponent = ((torch.log2(even) + SUM_EXPONENT) / 2).round()
    painter.latent_exponent.copy_(exponent)
    largest = painter.normal.largest * painter.spread * torch.exp2(-exponent)
    painter.most.copy_((HEADROOM * largest).floor())
    finest = exponent - torch.log2(painter.spread)
    painter.normal.exponent.copy_(painter.normal.wanted.round().maximum(finest))


def _settle(blocks: Sequence[ExactBlock], places: Sequence[Narrow]) -> None:
    """Exponents of the blocks on a stream, and of other places where it is narrowed."""
    along = [*places, *(block.seen for block in blocks)]
    base = torch.stack([place.wanted for place in along]).amax(0).round()
    for place in along:
        below = torch.quantile(place.wanted - base, MOST).round()
        place.exponent.copy_(base + below)
    for block in blocks:
        block.mixed.exponent.copy_(block.mixed.wanted.round())
        block.hidden.exponent.copy_(block.hidden.wanted.round())
        block.stream.copy_(base - STREAM_BITS)
