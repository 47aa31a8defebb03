"""Measures of one decoded image against its original.

In: two uint8 arrays of the same shape; bytes of a file. Out: floats.

PSNR is taken over all samples of all channels together, on the clamped 8-bit values a
user gets, and the PSNR of a set is the mean of its images' PSNRs: the convention of
the published Kodak curves in `anchors/`. The PSNR of the mean error is another number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Stands for "no error at all": a finite value keeps means of a set defined.
LOSSLESS_PSNR_DB = 100.0


def mse_255(original: NDArray[np.uint8], decoded: NDArray[np.uint8]) -> float:
    """Mean squared error over all samples, in squared 8-bit levels (0..65025)."""
    if original.shape != decoded.shape:
        raise ValueError(f"shapes differ: {original.shape} and {decoded.shape}")
    if original.dtype != np.uint8 or decoded.dtype != np.uint8:
        raise ValueError(f"uint8 wanted, got {original.dtype} and {decoded.dtype}")
    difference = original.astype(np.int32) - decoded
    return float(np.mean(np.square(difference), dtype=np.float64))


def psnr_db(original: NDArray[np.uint8], decoded: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB; LOSSLESS_PSNR_DB for equal images."""
    return psnr_from_mse(mse_255(original, decoded))


def psnr_from_mse(mse: float) -> float:
    """PSNR in dB of a mean squared error in squared 8-bit levels."""
    if mse == 0:
        return LOSSLESS_PSNR_DB
    return float(10 * np.log10(255**2 / mse))


def bits_per_pixel(file_size: int, *, width: int, height: int) -> float:
    """Bits per pixel of the whole file, headers included; `file_size` in bytes."""
    return 8 * file_size / (width * height)
