"""Measures of one decoded image against its original.

In: two uint8 arrays [H, W, 3] of the same shape. Out: floats, higher is better.

All are taken on the clamped 8-bit values a user gets. PSNR is over all samples of all
channels together, and that of a set is the mean of its images' PSNRs: the convention
of the published Kodak curves. MS-SSIM is `pytorch-msssim`'s, the one learned codecs
are published with, and SSIMULACRA2 is the package of that name; where a library is not
installed its metric is missing and said to be.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.distortion import LOSSLESS_DB, psnr_db

# Five scales of an 11 x 11 window need more than 160 pixels.
MS_SSIM_MINIMUM_SIDE = 161

Pixels = NDArray[np.uint8]

# Metric to the module and the package that it comes from.
LIBRARIES = {
    "psnr-rgb": ("numpy", "numpy"),
    "ms-ssim-rgb": ("pytorch_msssim", "pytorch-msssim"),
    "ssimulacra2": ("ssimulacra2", "ssimulacra2"),
}


# What curves are made of: name and unit.
COMPARED = {
    "psnr-rgb": ("PSNR-RGB", "dB"),
    "ms-ssim-rgb-db": ("MS-SSIM", "dB"),
    "ssimulacra2": ("SSIMULACRA2", ""),
}


def available_metrics(*, quick: bool = False) -> dict[str, str]:
    """Metrics whose library is installed, with the name and version of the library.

    `quick` leaves out SSIMULACRA2, which takes longer than most codecs.
    """
    return {
        metric: f"{package} {version(package)}"
        for metric, (module, package) in LIBRARIES.items()
        if find_spec(module) and not (quick and metric == "ssimulacra2")
    }


def absent_metrics() -> dict[str, str]:
    """Metrics that cannot be measured here, with the reason."""
    return {
        metric: f"package {package} is not installed"
        for metric, (module, package) in LIBRARIES.items()
        if not find_spec(module)
    }


def measure(
    metrics: dict[str, str], original: Pixels, decoded: Pixels
) -> dict[str, float | None]:
    """Each metric's value, and MS-SSIM in dB too; None for an image too small for it.

    Raises:
        ValueError: shapes differ, or something is not uint8.
    """
    values = {name: MEASURES[name](original, decoded) for name in metrics}
    if "ms-ssim-rgb" in values:
        ratio = values["ms-ssim-rgb"]
        values["ms-ssim-rgb-db"] = None if ratio is None else decibels(ratio)
    return values


def ms_ssim(original: Pixels, decoded: Pixels) -> float | None:
    """MS-SSIM over R, G and B, 0..1; None when a side is under 161 pixels."""
    if min(original.shape[:2]) < MS_SSIM_MINIMUM_SIDE:
        return None
    import torch
    from pytorch_msssim import ms_ssim as library

    torch.set_num_threads(1)
    a, b = (
        torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
        for image in (original, decoded)
    )
    return float(library(a, b, data_range=255))


def ssimulacra2(original: Pixels, decoded: Pixels) -> float:
    """SSIMULACRA2: 100 is lossless, 90 not told apart, 70 high, 50 medium quality."""
    from ssimulacra2 import compute_ssimulacra2

    files = (io.BytesIO(), io.BytesIO())
    for file, image in zip(files, (original, decoded), strict=True):
        Image.fromarray(image).save(file, "PPM")
    return float(compute_ssimulacra2(*files))


def decibels(ratio: float) -> float:
    """A similarity below 1 on a logarithmic scale, as MS-SSIM is drawn."""
    return LOSSLESS_DB if ratio >= 1 else float(-10 * np.log10(1 - ratio))


def bits_per_pixel(file_size: int, *, width: int, height: int) -> float:
    """Bits per pixel of the whole file, headers included; `file_size` in bytes."""
    return 8 * file_size / (width * height)


MEASURES: dict[str, Callable[[Pixels, Pixels], float | None]] = {
    "psnr-rgb": psnr_db,
    "ms-ssim-rgb": ms_ssim,
    "ssimulacra2": ssimulacra2,
}
