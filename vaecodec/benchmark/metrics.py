"""Measures of one decoded image against its original.

In: two uint8 arrays [H, W, 3] of the same shape. Out: floats, higher is better.

All are taken on the clamped 8-bit values a user gets. PSNR is over all samples of all
channels together, and that of a set is the mean of its images' PSNRs: the convention
of the published Kodak curves. MS-SSIM and SSIMULACRA2 give the numbers of the packages
that papers use, and need none of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.benchmark.ms_ssim import MsSsim
from vaecodec.benchmark.records import Scores
from vaecodec.codec.search.distortion import LOSSLESS_DB, psnr_db
from vaecodec.codec.search.ssimulacra2 import SMALLEST_SIDE, Ssimulacra2

Pixels = NDArray[np.uint8]

# What each metric repeats.
METRICS = {
    "psnr-rgb": "of the mean error over all samples",
    "ms-ssim-rgb": "as pytorch-msssim 1.0.0",
    "ssimulacra2": "version 2.1, as the package ssimulacra2 0.3.0",
}
MS_SSIM_DB = "ms-ssim-rgb-db"
# What curves are made of: name and unit.
COMPARED = {
    "psnr-rgb": ("PSNR-RGB", "dB"),
    MS_SSIM_DB: ("MS-SSIM", "dB"),
    "ssimulacra2": ("SSIMULACRA2", ""),
}


class Judge:
    """Scores decoded versions of one original by all metrics."""

    def __init__(self, original: Pixels) -> None:
        self._original = original
        self._ms_ssim = MsSsim(original)
        large = min(original.shape[:2]) >= SMALLEST_SIDE
        self._ssimulacra2 = Ssimulacra2(original) if large else None

    def scores(self, decoded: Pixels) -> Scores:
        """Each metric, and MS-SSIM in dB too; None where the image is too small.

        Raises:
            ValueError: shapes differ, or `decoded` is not uint8.
        """
        ratio = self._ms_ssim.score(decoded)
        judge = self._ssimulacra2
        return {
            "psnr-rgb": psnr_db(self._original, decoded),
            "ms-ssim-rgb": ratio,
            MS_SSIM_DB: None if ratio is None else decibels(ratio),
            "ssimulacra2": None if judge is None else judge.score(decoded),
        }


def metric_name(metric: str) -> str:
    """What tables call it; other metrics than ours by their key."""
    return COMPARED[metric][0] if metric in COMPARED else metric


def decibels(ratio: float) -> float:
    """A similarity below 1 on a logarithmic scale, as MS-SSIM is drawn."""
    return LOSSLESS_DB if ratio >= 1 else float(-10 * np.log10(1 - ratio))


def bits_per_pixel(file_size: int, *, width: int, height: int) -> float:
    """Bits per pixel of the whole file, headers included; `file_size` in bytes."""
    return 8 * file_size / (width * height)
