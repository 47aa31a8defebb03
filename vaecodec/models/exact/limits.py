"""The range of what a program is given, channel by channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.facts import expect_array
from vaecodec.models.exact.operations import Input

Limits = tuple[NDArray[np.int64], NDArray[np.int64]]


def limits_of(given: Input) -> Limits:
    """Lowest and highest values, int64 [C] each.

    Raises:
        ModelError: The limits of an input do not fit its channels.
    """
    low, high = (
        np.full(given.channels, limit, np.int64) for limit in (given.low, given.high)
    )
    if given.most is None:
        return low, high
    expect_array("limits of magnitudes", given.most, np.int16, low.shape)
    most = given.most.astype(np.int64).clip(min=0)
    return np.maximum(low, -most), np.minimum(high, most)
