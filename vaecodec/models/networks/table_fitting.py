"""Frequency tables from what is really coded: counted symbols, smoothed by the prior.

The prior's logistic shape is only right on average; counts per row of the scale table
repair what remains, and fill the tables of a model that was never trained.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.frequency_tables import ROWS
from vaecodec.models.networks.likelihoods import (
    LOG_MINIMUM,
    LOGISTIC_PER_DEVIATION,
    SCALE_STEP,
)

REACH = 511  # values counted on either side; larger ones count as the last
TAIL = 2.0**-14  # probability of one side beyond which values are escapes
PRIOR_STRENGTH = 300.0  # the prior weighs as much as this many symbols
NEVER_CODED_BELOW = 1e-3  # probability of a value other than 0

Counts = NDArray[np.float64]


def no_counts() -> Counts:
    """Counters float64 [64, 1023] for the values -511..511 of each row."""
    return np.zeros((ROWS, 2 * REACH + 1))


def count(counts: Counts, symbols: NDArray[np.int16], rows: NDArray[np.uint8]) -> None:
    """Add symbols and the rows they were coded with (arrays of one shape)."""
    values = np.clip(symbols.ravel(), -REACH, REACH).astype(np.int64) + REACH
    width = counts.shape[1]
    cells = rows.ravel().astype(np.int64) * width + values
    counts += np.bincount(cells, minlength=counts.size).reshape(counts.shape)


def fit(counts: Counts) -> list[NDArray[np.float64]]:
    """Rows of 2 L + 1 probabilities, symmetric, with tails folded into the edges.

    The lowest rows whose symbols are hardly ever other than 0 get a single entry:
    such symbols are not coded at all.
    """
    symmetric = counts + counts[:, ::-1]
    smoothed = symmetric + 2 * PRIOR_STRENGTH * _logistic_rows()
    probabilities = smoothed / smoothed.sum(axis=1, keepdims=True)
    coded = 1 - probabilities[:, REACH] >= NEVER_CODED_BELOW
    lowest = int(np.argmax(coded))
    return [
        np.ones(1) if number < lowest else _folded(row)
        for number, row in enumerate(probabilities)
    ]


def _logistic_rows() -> Counts:
    edges = np.arange(-REACH, REACH + 2) - 0.5
    scales = np.exp(LOG_MINIMUM + SCALE_STEP * np.arange(ROWS))
    arguments = edges / (scales * LOGISTIC_PER_DEVIATION)[:, None]
    # tanh does not overflow; half of it is the logistic's distribution function - 1/2.
    rows = np.diff(np.tanh(arguments / 2) / 2, axis=1)
    normalized: Counts = rows / rows.sum(axis=1, keepdims=True)
    return normalized


def _folded(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut a row [1023] where a tail is below `TAIL`, and add the tails to the edges."""
    beyond = row[REACH:][::-1].cumsum()[::-1]  # probability of v, v + 1, ... for v >= 0
    limit = max(1, int(np.argmax(np.append(beyond < TAIL, True))) - 1)
    folded = row[REACH - limit : REACH + limit + 1].copy()
    folded[[0, -1]] = beyond[limit]
    return folded
