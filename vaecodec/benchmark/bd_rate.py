"""Bjontegaard deltas: how much more rate for the same score, or score for the rate.

In: two `Curve`s. Out: the mean difference of log rate over the scores that both curves
reach, in percent (BD-rate; negative: the tested curve needs less), the mean difference
of the score over the rates that both reach (BD-PSNR when the score is PSNR), and the
common range, without which the numbers mean little.

The integrals are `bjontegaard`'s (method PCHIP over log10 of the rate, the choice of
the published tables); here are only the refusals and the flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import log
from typing import Any

import bjontegaard

from vaecodec.benchmark.curves import Curve, rising_part
from vaecodec.benchmark.records import BdRate, Comparison, Refusal

MINIMUM_POINTS = 4
# Of the narrower of the two ranges.
MINIMUM_OVERLAP = 0.5


def compare(tested: Curve, anchor: Curve) -> Comparison:
    """Compare `tested` with `anchor`.

    Raises:
        ValueError: fewer than four points, or less than half of the narrower range of
            scores in common.
    """
    flags = [flag for curve in (tested, anchor) if (flag := _flag(curve))]
    tested, anchor = _checked(tested), _checked(anchor)
    low, high, overlap = common_range(tested.score, anchor.score)
    if overlap < MINIMUM_OVERLAP:
        raise ValueError(
            f"{tested.name} and {anchor.name} share {overlap:.0%} of the narrower "
            f"range, at least {MINIMUM_OVERLAP:.0%} is needed"
        )
    points = (anchor.bpp, anchor.score, tested.bpp, tested.score, "pchip")
    options = {"require_matching_points": False, "min_overlap": 0}
    percent = float(bjontegaard.bd_rate(*points, **options))
    gain = None
    log_rates = ([log(rate) for rate in curve.bpp] for curve in (tested, anchor))
    if common_range(*log_rates)[2] >= MINIMUM_OVERLAP:
        gain = float(bjontegaard.bd_psnr(*points, **options))
    return Comparison(percent, gain, low, high, overlap, tuple(flags))


def comparisons(tested: Curve, anchors: Mapping[str, Curve]) -> dict[str, BdRate]:
    """Each comparison rounded, or the reason of its refusal."""
    return {key: _rounded(tested, anchor) for key, anchor in anchors.items()}


def common_range(a: Any, b: Any) -> tuple[float, float, float]:
    """Ends of the common range of two rising sequences, and its share of the narrower.

    The share is 0 when they have nothing in common.
    """
    low, high = max(a[0], b[0]), min(a[-1], b[-1])
    return low, high, max(0.0, (high - low) / min(a[-1] - a[0], b[-1] - b[0]))


def _checked(curve: Curve) -> Curve:
    rising = rising_part(curve)
    if len(rising.bpp) < MINIMUM_POINTS:
        raise ValueError(
            f"{curve.name}: {len(rising.bpp)} rising points, at least {MINIMUM_POINTS}"
        )
    return rising


def _flag(curve: Curve) -> str:
    left_out = len(curve.bpp) - len(rising_part(curve).bpp)
    return f"{curve.name} falls: {left_out} points left out" if left_out else ""


def _rounded(tested: Curve, anchor: Curve) -> BdRate:
    try:
        found = compare(tested, anchor)
    except ValueError as error:
        return Refusal(str(error))
    return replace(
        found,
        percent=round(found.percent, 3),
        gain=None if found.gain is None else round(found.gain, 3),
        low=round(found.low, 3),
        high=round(found.high, 3),
        overlap=round(found.overlap, 3),
    )
