"""How far a decoded image is from its original: mean squared error and PSNR.

In: two arrays of the same shape and depth. Out: floats. Taken on the samples that a
user gets, over all samples of all channels together; errors are counted in levels of 8
bits, whatever the depth.
"""

from __future__ import annotations

import math

import numpy as np

from vaecodec.models.depth import BRIGHTEST, SHALLOW, Samples, dtype_of, greatest

# Stands for "no error at all": a finite value keeps means of a set defined.
LOSSLESS_DB = 100.0
ROWS_AT_ONCE = 256  # so that a large image needs little memory beside itself


def psnr_db(original: Samples, decoded: Samples, *, depth: int = SHALLOW) -> float:
    """Peak signal-to-noise ratio in dB; LOSSLESS_DB for equal images.

    Raises:
        ValueError: As `mse_255`.
    """
    return psnr_from_mse(mse_255(original, decoded, depth=depth))


def psnr_from_mse(mse: float) -> float:
    """PSNR in dB of a mean squared error in squared 8-bit levels."""
    return LOSSLESS_DB if mse == 0 else 10 * math.log10(255**2 / mse)


def mse_255(original: Samples, decoded: Samples, *, depth: int = SHALLOW) -> float:
    """Mean squared error over all samples, in squared 8-bit levels (0..65025).

    Of no samples at all it is 0.

    Raises:
        ValueError: Shapes differ, or something has not the dtype of this depth.
    """
    if original.shape != decoded.shape:
        raise ValueError(f"shapes differ: {original.shape} and {decoded.shape}")
    expected = np.dtype(dtype_of(depth))
    if original.dtype != expected or decoded.dtype != expected:
        found = f"{original.dtype} and {decoded.dtype}"
        raise ValueError(f"expected {expected}, got {found}")
    squares_fit = np.dtype(np.int32 if depth == SHALLOW else np.int64)
    total = 0
    for top in range(0, len(original), ROWS_AT_ONCE):
        rows = slice(top, top + ROWS_AT_ONCE)
        difference = original[rows].astype(squares_fit)
        difference -= decoded[rows]
        total += int(np.square(difference).sum(dtype=np.int64))
    scale = BRIGHTEST / greatest(depth)
    return total * scale**2 / max(1, original.size)
