"""How far a decoded image is from its original: mean squared error and PSNR.

In: two uint8 arrays of the same shape. Out: floats. Taken on the 8-bit samples that a
user gets, over all samples of all channels together.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Stands for "no error at all": a finite value keeps means of a set defined.
LOSSLESS_DB = 100.0
ROWS_AT_ONCE = 256  # so that a large image needs little memory beside itself

Samples = NDArray[np.uint8]


def psnr_db(original: Samples, decoded: Samples) -> float:
    """Peak signal-to-noise ratio in dB; LOSSLESS_DB for equal images.

    Raises:
        ValueError: Shapes differ, or something is not uint8.
    """
    return psnr_from_mse(mse_255(original, decoded))


def psnr_from_mse(mse: float) -> float:
    """PSNR in dB of a mean squared error in squared 8-bit levels."""
    return LOSSLESS_DB if mse == 0 else 10 * math.log10(255**2 / mse)


def mse_255(original: Samples, decoded: Samples) -> float:
    """Mean squared error over all samples, in squared 8-bit levels (0..65025).

    Of no samples at all it is 0.

    Raises:
        ValueError: Shapes differ, or something is not uint8.
    """
    if original.shape != decoded.shape:
        raise ValueError(f"shapes differ: {original.shape} and {decoded.shape}")
    if original.dtype != np.uint8 or decoded.dtype != np.uint8:
        raise ValueError(f"expected uint8, got {original.dtype} and {decoded.dtype}")
    total = 0
    for top in range(0, len(original), ROWS_AT_ONCE):
        rows = slice(top, top + ROWS_AT_ONCE)
        difference = original[rows].astype(np.int32) - decoded[rows]
        total += int(np.square(difference).sum(dtype=np.int64))
    return total / max(1, original.size)
