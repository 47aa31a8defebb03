"""BD-rates image by image: a mean does not say that one kind of picture does badly.

In: rows of two codecs for the same images, one metric. Out: the BD-rate of each image,
the least, the median and the most of them, and the image that has the most.
"""

from __future__ import annotations

import statistics
from typing import Any

from vaecodec.benchmark.bd_rate import compare
from vaecodec.benchmark.curves import curve_of

Rows = list[dict[str, Any]]


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
