"""Inputs whose channels cannot all be large at the same position.

A sum over many channels would have to leave room for all of them at their limits, which
no picture comes near. So an input may have a budget: the magnitudes of a position, each
times the price of its channel, add up to no more. What is above it is made smaller.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.models.exact.facts import EXACT_LIMIT, expect_array
from vaecodec.models.exact.operations import Input

# Sums of up to 4096 floats of 24 bits that should be larger stay above this.
BUDGET_LIMIT = EXACT_LIMIT - 2**16


def prices(given: Input) -> NDArray[np.int64] | None:
    """Prices [C] of an input with a budget.

    Raises:
        ModelError: They are none, or there is only one of both.
    """
    if given.price is None:
        if given.budget:
            raise ModelError(f"a budget of {given.budget} without prices")
        return None
    expect_array("price", given.price, np.int16, (given.channels,))
    if given.price.min() < 1 or not 1 <= given.budget <= BUDGET_LIMIT:
        raise ModelError(
            f"prices from {given.price.min()} and a budget of {given.budget}, allowed "
            f"are prices from 1 and budgets 1..{BUDGET_LIMIT}"
        )
    return given.price.astype(np.int64)


def within_budget(given: Input, values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers [C, h, w], a position above the budget halved until it is not.

    Halves go to the whole number that is closer to 0.
    """
    if given.price is None:
        return values
    over = _spent(given, values) > given.budget
    if not over.any():
        return values
    values = values.copy()
    while over.any():
        values[:, over] = np.trunc(values[:, over] / 2)
        over = _spent(given, values) > given.budget
    return values


def _spent(given: Input, values: NDArray[Any]) -> NDArray[np.float32]:
    """Magnitudes times prices [h, w]; exact where they are below 2**24."""
    assert given.price is not None
    magnitudes = values.transpose(1, 2, 0).astype(np.float32)
    np.abs(magnitudes, out=magnitudes)
    spent: NDArray[np.float32] = magnitudes @ given.price.astype(np.float32)
    return spent
