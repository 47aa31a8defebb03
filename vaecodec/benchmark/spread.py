"""BD-rates of the mean curves and image by image.

In: results of codecs for the same images, one metric. Out: comparisons, with the
BD-rate of each image, the least, the median and the most of them, and the image that
has the most: a mean does not say that one kind of picture does badly.
"""

from __future__ import annotations

import statistics
from typing import Any

from vaecodec.benchmark.bd_rate import compare, comparisons
from vaecodec.benchmark.codecs import is_own
from vaecodec.benchmark.curves import curve_of, measured_curve

Rows = list[dict[str, Any]]


def bd_rates(results: dict[str, dict[str, Any]], metric: str) -> dict[str, Any]:
    """Each codec against each other one; our own and users' image by image as well."""
    curves = {key: measured_curve(r, metric) for key, r in results.items()}
    curves = {key: curve for key, curve in curves.items() if curve.bpp}
    rates = {
        key: comparisons(curve, {k: c for k, c in curves.items() if k != key})
        for key, curve in curves.items()
    }
    for key in filter(is_own, rates):
        for anchor, row in rates[key].items():
            images, others = (results[codec]["images"] for codec in (key, anchor))
            row["by_image"] = spread_over_images(images, others, metric)
    return rates


def spread_over_images(tested: Rows, anchor: Rows, metric: str) -> dict[str, Any]:
    """BD-rates in percent, for a result file.

    "images" has None where too little is in common; without any comparable image
    "lowest", "median", "highest" and "worst_image" are None as well.
    """
    percents: dict[str, float | None] = {}
    for own, other in zip(tested, anchor, strict=True):
        curves = (curve_of("", row["points"], metric) for row in (own, other))
        try:
            percents[own["name"]] = round(compare(*curves).percent, 2)
        except ValueError:
            percents[own["name"]] = None
    return {"images": percents, **_extremes(percents)}


def _extremes(percents: dict[str, float | None]) -> dict[str, Any]:
    known = {name: value for name, value in percents.items() if value is not None}
    return {
        "lowest": min(known.values(), default=None),
        "median": round(statistics.median(known.values()), 2) if known else None,
        "highest": max(known.values(), default=None),
        "worst_image": max(known, key=lambda name: known[name], default=None),
    }


def worst_image(rows: dict[str, dict[str, Any]]) -> tuple[str, str, float] | None:
    """The image, the anchor and the BD-rate of the worst of all; None without any.

    `rows` are comparisons by anchor, with their "by_image".
    """
    known = [
        (row["by_image"]["worst_image"], anchor, row["by_image"]["highest"])
        for anchor, row in rows.items()
        if row["by_image"]["worst_image"] is not None
    ]
    return max(known, key=lambda found: found[2], default=None)
