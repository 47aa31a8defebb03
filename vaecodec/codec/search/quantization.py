"""Latents in steps -> symbols, weighing bits against error (the sender's choice).

Rounding to the nearest integer is not the best bargain: the next symbol towards zero
is often so much cheaper that its larger error pays. Both are tried for every symbol
that would not be zero (rate-distortion optimised quantisation). The decoder does not
know and need not know.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COST_CAP = 255  # beyond it, all costs grow alike


def quantize(
    residual: NDArray[np.float32],
    indexes: NDArray[np.uint8],
    *,
    costs: NDArray[np.float32],
    error_weight: NDArray[np.float32],
    limit: int,
) -> NDArray[np.int16]:
    """Choose a symbol for each element.

    Args:
        residual: latent minus mean, in steps [n].
        indexes: rows of the frequency tables [n].
        costs: bits of the values -255..255 per row [64, 511]; infinite where a row
            can only hold zero.
        error_weight: bits that a squared error of one step is worth [n].
        limit: the largest magnitude of a symbol.

    Returns:
        Symbols [n].
    """
    rounded = np.floor(residual + np.float32(0.5))
    nearest: NDArray[np.int16] = rounded.clip(-limit, limit).astype(np.int16)
    where = np.flatnonzero(nearest)
    values, target, rows = nearest[where], residual[where], indexes[where]
    smaller = values - np.sign(values)
    loss = [
        costs[rows, np.clip(candidate, -COST_CAP, COST_CAP) + COST_CAP]
        + error_weight[where] * np.square(target - candidate)
        for candidate in (values, smaller)
    ]
    chosen = np.where(loss[1] < loss[0], smaller, values)
    never_coded = np.isinf(costs[rows, COST_CAP + 1])
    nearest[where] = np.where(never_coded, 0, chosen)
    return nearest
