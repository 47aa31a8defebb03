"""Is the model getting better? Rate and distortion on pictures it never learns from.

Rates are those of the rounded symbols under the float prior: what a file will hold,
within a percent. The estimated BD-rate against JPEG uses the same crops.
"""

from __future__ import annotations

import functools
import io
import math
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vaecodec.codec.search.distortion import LOSSLESS_DB
from vaecodec.models.networks.trainable import TrainableModel
from vaecodec.training.terms import Measured, Terms, joined

QUALITIES = (0, 15, 30, 45, 60, 75, 90, 100)
JPEG_QUALITIES = (5, 10, 20, 35, 50, 65, 80, 90, 95)
CROP = 384
BATCH = 4
Curve = list[tuple[float, float]]  # bits per pixel, PSNR in dB


@dataclass(frozen=True)
class Report:
    """Means over the validation crops.

    Attributes:
        curve: (bits per pixel, PSNR in dB) per quality of `QUALITIES`.
        rates: bits per pixel of each term of the rate by its name, per quality.
        log_objective: mean natural logarithm of rate + lambda x distortion.
        bd_rate: percent more rate than JPEG at equal PSNR; None if the crops are no
            pictures.
    """

    curve: Curve
    rates: dict[str, list[float]]
    log_objective: float
    bd_rate: float | None


class Validator:
    """Measures models on crops of tiles [N, C, 512, 512], in levels."""

    def __init__(self, tiles: Tensor) -> None:
        self.crops = tiles[:, :, :CROP, :CROP]

    @functools.cached_property
    def jpeg(self) -> Curve:
        """JPEG's curve on the crops."""
        return [_jpeg_point(self.crops, quality) for quality in JPEG_QUALITIES]

    @torch.no_grad()
    def measure(self, model: TrainableModel) -> Report:
        """Run the model at every quality on every crop."""
        measured = Measured(model)
        curve: Curve = []
        rates: dict[str, list[float]] = {}
        logs: list[float] = []
        for quality in QUALITIES:
            levels = torch.full((len(self.crops),), float(quality)).to(
                self.crops.device
            )
            terms = self._terms(measured, levels)
            psnr = 10 * torch.log10(255**2 / terms.mse_255)
            curve.append((terms.rate.mean().item(), psnr.mean().item()))
            for name, rate in terms.rates.items():
                rates.setdefault(name, []).append(rate.mean().item())
            objective = terms.objective(model.lmbda(levels)).log()
            logs.append(objective.mean().item())
        comparable = model.kind.is_pictures
        bd_rate = estimated_bd_rate(self.jpeg, curve) if comparable else None
        return Report(curve, rates, float(np.mean(logs)), bd_rate)

    def _terms(self, measured: Measured, quality: Tensor) -> Terms:
        """What a hard pass over all crops measures at these qualities [N]."""
        batches = zip(self.crops.split(BATCH), quality.split(BATCH), strict=True)
        parts = [
            measured(crops.float() / 255, levels, hard=True)
            for crops, levels in batches
        ]
        return joined(parts)


def estimated_bd_rate(anchor: Curve, test: Curve) -> float:
    """Percent more rate than `anchor` over the shared PSNR range.

    Straight lines between the points; for progress reports only (the benchmarks use
    a kept library and PCHIP).
    """
    low = max(anchor[0][1], test[0][1])
    high = min(anchor[-1][1], test[-1][1])
    grid = np.linspace(low, high, 200)
    mean_logs = []
    for curve in (anchor, test):
        rates, psnrs = (np.array(column) for column in zip(*curve, strict=True))
        mean_logs.append(np.interp(grid, psnrs, np.log(rates)).mean())
    return float(100 * np.expm1(mean_logs[1] - mean_logs[0]))


def psnr_db(mse_255: float) -> float:
    """PSNR in dB of a mean squared error of 8-bit samples; 100 without any."""
    return 10 * math.log10(255**2 / mse_255) if mse_255 else LOSSLESS_DB


def _jpeg_point(crops: Tensor, quality: int) -> tuple[float, float]:
    rates, psnrs = [], []
    for crop in crops.permute(0, 2, 3, 1).cpu().numpy():  # [N, H, W, 3]
        buffer = io.BytesIO()
        Image.fromarray(crop).save(buffer, "JPEG", quality=quality, optimize=True)
        decoded = np.asarray(Image.open(buffer), dtype=np.float64)
        rates.append(8 * buffer.tell() / (CROP * CROP))
        psnrs.append(psnr_db(float(np.mean((decoded - crop) ** 2))))
    return float(np.mean(rates)), float(np.mean(psnrs))
