"""What the receiver looks up besides its programs: shifts, offsets, widths of steps.

Log scales are multiples of 2**-12 nats, offsets too, less the logarithm of the smallest
scale in the table and with the half that makes rounding of a floor (SPEC.md).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.models.architecture import QUALITIES
from vaecodec.models.networks.exact_rounding import integers
from vaecodec.models.networks.likelihoods import LOG_MINIMUM, SCALE_STEP
from vaecodec.models.quadrants.networks.hierarchical_vae import (
    WIDTH_BITS,
    QuadrantVae,
)
from vaecodec.models.quadrants.networks.layer_places import (
    head_exponents,
    layer_places,
)
from vaecodec.models.quadrants.networks.prior import (
    MAGNITUDE_EXPONENT,
    MOST_MAGNITUDE,
    SCALE_EXPONENT,
)
from vaecodec.models.quadrants.networks.programs import all_qualities
from vaecodec.models.quadrants.networks.quarters import by_place
from vaecodec.models.quadrants.prior import OCTAVE

BEND = 0.5  # units by which a curve that is bent leaves the line


@torch.no_grad()
def receiver_tables(model: QuadrantVae) -> dict[str, NDArray[Any]]:
    """Tensors of a model file by name."""
    painter, prior = model.painter, model.prior
    grid = painter.latent_exponent  # [M, 1, 1]
    quality = model.rung(torch.arange(QUALITIES, dtype=torch.float32))
    widths = model.step_width(quality) / torch.exp2(grid - WIDTH_BITS)
    gains = model.log_gain(quality).exp() / painter.spread * torch.exp2(grid)
    hyper = (prior.hyper_first, prior.hyper_second)
    magnitudes = torch.log2(1 + torch.arange(MOST_MAGNITUDE + 1.0))
    magnitudes = (magnitudes / 2.0**MAGNITUDE_EXPONENT).clamp(max=127)
    normal = prior.normal_exponent + torch.log2(painter.spread) - grid
    return {
        "hyper.mean_shifts": _rounded(_hyper_shifts(model), np.int8),
        "hyper.offsets": _offsets([all_qualities(model, curve) for curve in hyper]),
        "latent.mean_shifts": _rounded(_latent_shifts(model), np.int8),
        "latent.offsets": _offsets(
            [all_qualities(model, step.offset) for step in prior.steps]
        ),
        "latent.widths": _rounded(widths.flatten(1), np.int32),
        "latent.normal_shifts": _rounded(normal.flatten(), np.int8),
        "latent.limits": _rounded(painter.most.flatten(), np.int16),
        "latent.magnitudes": _rounded(magnitudes, np.int8),
        "quantizer.log_gains": _octaves(gains),
        "quantizer.log_error_weights": _octaves(model.error_weight(quality)),
    }


def _hyper_shifts(model: QuadrantVae) -> Tensor:
    """By how much sums are shifted down to means of hyper-symbols [Z]."""
    head = layer_places(model)["prior.hyper_context.leave"]
    means, _ = head.integers().exponents.chunk(2)
    return -means


def _latent_shifts(model: QuadrantVae) -> Tensor:
    """The same to means of latents on their grid [steps, 4, M / 4]."""
    painter = model.painter
    grid = (painter.latent_exponent - torch.log2(painter.spread)).flatten()  # [M]
    shifts = []
    places = layer_places(model)
    for number in range(len(model.prior.steps)):
        # [4 x 2 x M / 4] -> [4, M / 4]
        means = head_exponents(places, number).view(4, 2, -1)[:, 0]
        shifts.append(by_place(grid, number, axis=0) - means)
    return torch.stack(shifts)


def _offsets(log_scales: list[Tensor]) -> NDArray[Any]:
    """Log scales [101, C] of each step -> int32 [steps, 101, C]."""
    above = torch.stack(log_scales).double() - LOG_MINIMUM + SCALE_STEP / 2
    steps = [straight(step / 2.0**SCALE_EXPONENT) for step in above]
    return _rounded(torch.stack(steps), np.int32)


def _octaves(curves: Tensor) -> NDArray[Any]:
    """Curves [101, C, 1, 1] -> logarithms int32 [101, C], as the sender has them."""
    logarithms = torch.log2(curves.double().flatten(1))
    return _rounded(straight(logarithms / OCTAVE), np.int32)


def straight(curves: Tensor) -> Tensor:
    """Curves [101, C], rounded so that they go in whole steps from bend to bend.

    Curves over quality are straight between a few bends. Rounded one by one, their
    values would waver around the line, and every one of them would have to be stored.
    The steps are off by half a unit each at most.
    """
    bent = torch.diff(curves, n=2, dim=0).abs().amax(1) > BEND
    bends = [0, *(1 + torch.nonzero(bent).flatten()).tolist(), len(curves) - 1]
    result = torch.round(curves)
    for start, end in pairwise(bends):
        step = torch.round((curves[end] - curves[start]) / (end - start))
        along = torch.arange(end - start, dtype=curves.dtype)[:, None]
        result[start:end] = result[start] + along * step
    return result


def _rounded(values: Tensor, dtype: type[np.integer[Any]]) -> NDArray[Any]:
    return integers(torch.round(values.double()), dtype)
