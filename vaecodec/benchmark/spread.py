"""BD-rates of the mean curves and image by image.

In: results of codecs for the same images, one metric. Out: comparisons, with the
BD-rate of each image, the least, the median and the most of them, and the image that
has the most: a mean does not say that one kind of picture does badly.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vaecodec.benchmark.bd_rate import compare, comparisons
from vaecodec.benchmark.codecs import is_own
from vaecodec.benchmark.curves import curve_of, measured_curve
from vaecodec.benchmark.records import BdRates, HasCurve, ImageResult, ImageSpread


def bd_rates(results: Mapping[str, HasCurve], metric: str) -> dict[str, BdRates]:
    """Each codec against each other one; our own and users' image by image as well."""
    curves = {key: measured_curve(r, metric) for key, r in results.items()}
    curves = {key: curve for key, curve in curves.items() if curve.bpp}
    rates = {}
    for key, curve in curves.items():
        others = {k: c for k, c in curves.items() if k != key}
        found = comparisons(curve, others)
        rates[key] = _by_image(key, found, results, metric) if is_own(key) else found
    return rates


def _by_image(
    key: str, found: BdRates, results: Mapping[str, HasCurve], metric: str
) -> BdRates:
    own = results[key].images
    return {
        anchor: replace(
            rate, by_image=spread_over_images(own, results[anchor].images, metric)
        )
        for anchor, rate in found.items()
    }


def spread_over_images(
    tested: Sequence[ImageResult], anchor: Sequence[ImageResult], metric: str
) -> ImageSpread:
    """BD-rates of the single images.

    Without any comparable image there are no lowest, median, highest and worst.
    """
    percents: dict[str, float | None] = {}
    for own, other in zip(tested, anchor, strict=True):
        curves = (curve_of("", image.points, metric) for image in (own, other))
        try:
            percents[own.name] = round(compare(*curves).percent, 2)
        except ValueError:
            percents[own.name] = None
    known = {name: value for name, value in percents.items() if value is not None}
    return ImageSpread(
        images=percents,
        lowest=min(known.values(), default=None),
        median=round(statistics.median(known.values()), 2) if known else None,
        highest=max(known.values(), default=None),
        worst_image=max(known, key=lambda name: known[name], default=None),
    )


def worst_image(rates: BdRates) -> tuple[str, str, float] | None:
    """The image, the anchor and the BD-rate of the worst of all; None without any."""
    spreads = {anchor: rate.by_image for anchor, rate in rates.items() if rate.by_image}
    known = [
        (spread.worst_image, anchor, spread.highest)
        for anchor, spread in spreads.items()
        if spread.worst_image is not None and spread.highest is not None
    ]
    return max(known, key=lambda found: found[2], default=None)
