"""Store weights no finer than the data ask for: rate and distortion of a model itself.

A description of a model costs the bits of its weights; what rounding them does to the
objective is known from its curvature (`curvature`). The sum of both, with a price for a
bit, is the minimum description length of the weights, and a variational bound with a
point for each posterior. For each matrix W of rows r and columns c it gives

    step[r, c]^2 = 12 x price / (ln 2 x G[r] x H[c])

the step at which another bit would cost as much as it saves, as a power of two. Columns
are rounded one after the other, and what is left of each error is made up for by the
columns that are still to come (optimal brain surgery, Hassibi & Stork 1993; Frantar et
al. 2023). Of the two nearest multiples, one nearer to zero wins if it saves more bits
than it costs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from vaecodec.models.networks.trainable import Roundable, TrainableModel
from vaecodec.training.curvature import Curvature, measure

NARROW = 127  # weights with at most such multiples are too short for steps by column
PRICE = 2e-9  # costs about two parts in a thousand of the objective
LEAST_MEAN = 0.3  # below it a 0 costs hardly anything
SMALLEST = 2.0**-40  # step of floats
DAMPING = 1e-4  # of the mean second moment, added to all: what the crops did not show


def round_weights(
    model: TrainableModel,
    layers: Mapping[str, Roundable],
    batches: Iterable[tuple[Tensor, Tensor]],
    *,
    price: float = PRICE,
) -> None:
    """Make the weights of a trained model short to store.

    Args:
        model: is changed.
        layers: of it.
        batches: images [B, 3, H, W] in 0..1 and qualities [B], to see what matters.
        price: of a bit, in the mean logarithm of the objective.
    """
    curvatures = measure(model, layers, batches)
    with torch.no_grad():
        for name, place in layers.items():
            weight: Tensor = place.layer.weight  # type: ignore[assignment]
            rounded = round_matrix(place, curvatures[name], price)
            weight.copy_(rounded.view_as(weight))


@torch.no_grad()
def round_matrix(place: Roundable, curvature: Curvature, price: float) -> Tensor:
    """Multiples of powers of two [groups x O, I], nearly as good as the weights."""
    rows = place.layer.weight.double().flatten(1)  # type: ignore[operator]
    unit = torch.full((len(rows), 1), SMALLEST) if place.unit is None else place.unit
    given = zip(
        rows.chunk(place.groups),
        curvature.inputs.double(),
        curvature.outputs.double().chunk(place.groups),
        unit.double().expand_as(rows).chunk(place.groups),
        strict=True,
    )
    parts = [_round_rows(*part, place.limit, price) for part in given]
    return torch.cat(parts) + 0.0  # no negative zeros


def _round_rows(
    weight: Tensor,
    moments: Tensor,
    outputs: Tensor,
    unit: Tensor,
    limit: float,
    price: float,
) -> Tensor:
    """Round the rows [O, I] of one group of a layer."""
    order = moments.diagonal().argsort(descending=True)
    factor = _inverse_factor(moments[order][:, order])
    worth = outputs.clamp(min=1e-30)[:, None] / factor.diagonal().square()  # [O, I]
    unit = unit[:, order]
    steps = torch.maximum(_steps(worth, price, columns=limit > NARROW), unit)
    most = torch.floor(limit * unit / steps)  # multiples
    left, rounded = weight[:, order].clone(), torch.zeros_like(weight)
    for column in range(weight.shape[1]):
        step, end = steps[:, column], most[:, column]
        values = left[:, column] / step
        chosen = _choose(values, worth[:, column] * step**2, price)
        rounded[:, column] = torch.minimum(torch.maximum(chosen, -end), end) * step
        error = (left[:, column] - rounded[:, column]) / factor[column, column]
        left[:, column + 1 :] -= error[:, None] * factor[column, column + 1 :]
    rounded = rounded[:, order.argsort()]
    saved = torch.log2(steps / unit).sum(1)
    change = rounded - weight
    cost = outputs / 2 * ((change @ moments) * change).sum(1)
    # A row of nothing but zeros would leave a receiver's bias without a unit.
    better = (cost < price * saved) & (rounded.any(1) | math.isinf(limit))
    return torch.where(better[:, None], rounded, weight)


def _inverse_factor(moments: Tensor) -> Tensor:
    """Upper Cholesky factor U of the inverse: moments = (U^T U)^-1."""
    mean = moments.diagonal().mean().clamp(min=1e-30)
    damped = moments + DAMPING * mean * torch.eye(len(moments), dtype=moments.dtype)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    return torch.linalg.cholesky(inverse, upper=True)


def _steps(worth: Tensor, price: float, *, columns: bool) -> Tensor:
    """Powers of two [O, I]: one for the row times one for the column, if there are."""
    wanted = 0.5 * torch.log2(12 * price / (math.log(2) * worth))
    of_columns = torch.round(wanted.mean(0, keepdim=True)) * columns
    of_rows = torch.round((wanted - of_columns).mean(1, keepdim=True))
    return torch.exp2(of_rows + of_columns)


def _choose(values: Tensor, worth: Tensor, price: float) -> Tensor:
    """Whole numbers near values [O]: the nearest, or its neighbour towards zero.

    Under an exponential law with the mean magnitude s each step towards zero saves
    log2(e) / s bits.
    """
    nearest = torch.round(values)
    smaller = nearest - nearest.sign()
    mean = values.abs().mean().clamp(min=LEAST_MEAN)
    saved = math.log2(math.e) / mean * (nearest.abs() - smaller.abs())
    cost = worth / 2 * ((smaller - values).square() - (nearest - values).square())
    return torch.where(cost < price * saved, smaller, nearest)
