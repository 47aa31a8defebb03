"""Bjontegaard delta rate: how much more or less rate for the same PSNR, in percent.

In: two `Curve`s. Out: the mean difference of log rate over the PSNR range that both
curves reach, as a percentage, and that range, without which the number means little.

The integral is `bjontegaard`'s (method PCHIP over log10 of the rate, the choice of the
published tables); here are only the refusals. Negative: the tested curve needs less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import bjontegaard

from benchmarks.curves import Curve

MINIMUM_POINTS = 4
# Of the narrower of the two PSNR ranges.
MINIMUM_OVERLAP = 0.5


@dataclass(frozen=True)
class BdRate:
    """Rate difference in percent over the PSNRs from `low_db` to `high_db`."""

    percent: float
    low_db: float
    high_db: float


def bd_rate(tested: Curve, anchor: Curve) -> BdRate:
    """BD-rate of `tested` against `anchor`.

    Raises:
        ValueError: a curve has fewer than four points or does not rise strictly, or
            the common PSNR range is less than half of the narrower curve's range.
    """
    for curve in (tested, anchor):
        check_curve(curve)
    low_db, high_db = common_range(tested, anchor)
    percent = bjontegaard.bd_rate(
        anchor.bits_per_pixel,
        anchor.psnr_db,
        tested.bits_per_pixel,
        tested.psnr_db,
        method="pchip",
        require_matching_points=False,
        min_overlap=0,
    )
    return BdRate(percent=float(percent), low_db=low_db, high_db=high_db)


def bd_rates(tested: Curve, anchors: Mapping[str, Curve]) -> dict[str, dict[str, Any]]:
    """BD-rate against each anchor for a result file, a refusal with its reason."""
    return {key: _bd_rate_row(tested, anchor) for key, anchor in anchors.items()}


def check_curve(curve: Curve) -> None:
    """Raise ValueError unless the curve has enough points and rises strictly."""
    if len(curve.bits_per_pixel) < MINIMUM_POINTS:
        count = len(curve.bits_per_pixel)
        raise ValueError(f"{curve.name}: {count} points, at least {MINIMUM_POINTS}")
    for name in ("bits_per_pixel", "psnr_db"):
        falls = not_rising(getattr(curve, name))
        if falls:
            raise ValueError(f"{curve.name}: {name} does not rise at points {falls}")


def not_rising(values: Sequence[float]) -> list[int]:
    """Positions whose value is not above the one before."""
    return [i for i, (a, b) in enumerate(pairwise(values), start=1) if not b > a]


def common_range(tested: Curve, anchor: Curve) -> tuple[float, float]:
    """The PSNRs both curves reach; ValueError when these are too few to compare."""
    low_db = max(tested.psnr_db[0], anchor.psnr_db[0])
    high_db = min(tested.psnr_db[-1], anchor.psnr_db[-1])
    narrower = min(c.psnr_db[-1] - c.psnr_db[0] for c in (tested, anchor))
    if high_db - low_db < MINIMUM_OVERLAP * narrower:
        raise ValueError(
            f"{tested.name} and {anchor.name} share {max(high_db - low_db, 0):.2f} dB, "
            f"at least {MINIMUM_OVERLAP * narrower:.2f} dB are needed"
        )
    return low_db, high_db


def _bd_rate_row(tested: Curve, anchor: Curve) -> dict[str, Any]:
    try:
        result = bd_rate(tested, anchor)
    except ValueError as error:
        return {"refused": str(error)}
    return {
        "percent": round(result.percent, 2),
        "low_db": round(result.low_db, 2),
        "high_db": round(result.high_db, 2),
    }
