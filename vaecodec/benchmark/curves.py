"""Rate-distortion curves: the one thing that BD-rates, plots and the report understand.

In: the means of a result, or published points (`anchors`). Out: `Curve`, and what is
read off it between its points.

Between points runs PCHIP of log rate over the score, which is what a BD-rate
integrates: a plot shows the very curve that is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vaecodec.benchmark.records import HasCurve, RatePoint


@dataclass(frozen=True)
class Curve:
    """Points of one codec from the smallest file to the largest.

    `bpp` (bits per pixel of whole files) and `score` (one metric of `METRICS`, higher
    is better) are means over the images of a set.
    """

    name: str
    bpp: tuple[float, ...]
    score: tuple[float, ...]
    source: str


def measured_curve(result: HasCurve, metric: str = "psnr-rgb") -> Curve:
    """The curve of one result; without points where the metric was not measured."""
    source = f"measured: {result.settings}"
    return curve_of(result.name, result.means, metric, source=source)


def curve_of(
    name: str, points: Iterable[RatePoint], metric: str, *, source: str = ""
) -> Curve:
    """The curve through those points that have the metric."""
    scored = ((point.bpp, point.scores.get(metric)) for point in points)
    pairs = [(rate, score) for rate, score in scored if score is not None]
    return Curve(name, tuple(b for b, _ in pairs), tuple(s for _, s in pairs), source)


def not_rising(values: Sequence[float]) -> list[int]:
    """Positions whose value is not above the one before."""
    return [i for i, (a, b) in enumerate(pairwise(values), start=1) if not b > a]


def rising_part(curve: Curve) -> Curve:
    """The points that no other point beats: both rate and score rise strictly."""
    kept: list[tuple[float, float]] = []
    for rate, score in sorted(zip(curve.bpp, curve.score, strict=True)):
        if kept and rate == kept[-1][0]:
            kept[-1] = (rate, max(score, kept[-1][1]))
        elif not kept or score > kept[-1][1]:
            kept.append((rate, score))
    bpp, score_ = zip(*kept, strict=True) if kept else ((), ())
    return Curve(curve.name, bpp, score_, curve.source)


def is_drawable(curve: Curve) -> bool:
    """Whether the curve has two points that rise, which `smooth` needs."""
    return len(rising_part(curve).bpp) > 1


def score_at(curve: Curve, bpp: float) -> float | None:
    """The score at a rate between the smallest and the largest; None outside."""
    rising = rising_part(curve)
    if len(rising.bpp) < 2 or not rising.bpp[0] <= bpp <= rising.bpp[-1]:
        return None
    rates, scores = smooth(rising, count=400)
    return float(np.interp(bpp, rates, scores))


def smooth(
    curve: Curve, count: int = 80
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates and scores of `count` points along a drawable curve."""
    from scipy.interpolate import PchipInterpolator  # type: ignore[import-untyped, unused-ignore]

    rising = rising_part(curve)
    log_rate = PchipInterpolator(rising.score, np.log(rising.bpp))
    scores = np.linspace(rising.score[0], rising.score[-1], count)
    return np.exp(log_rate(scores)), scores
