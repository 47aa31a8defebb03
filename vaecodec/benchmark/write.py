"""What a finished run leaves behind, beside the result files of the codecs.

In: results. Out: `summary.json`, `results.csv`, `rate_distortion.png` (if matplotlib is
installed), `report.html`, and lines for the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from vaecodec.benchmark.codecs import entries, is_own, shipped_models
from vaecodec.benchmark.crops import Crop, make_sheet
from vaecodec.benchmark.entry import Codec
from vaecodec.benchmark.images import load_image, spread
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.plan import Plan
from vaecodec.benchmark.report import render
from vaecodec.benchmark.results import SUMMARY, table, write_json, write_text
from vaecodec.benchmark.run import summarise
from vaecodec.benchmark.spread import worst_image

CROPS = 4
QUICK_CROPS = 2


def write_everything(
    plan: Plan, codecs: Mapping[str, Codec], results: dict[str, dict[str, Any]]
) -> Iterator[str]:
    """Write all files; yields what is worth saying, line by line."""
    summary = summarise(plan, results)
    write_json(plan.output / f"{SUMMARY}.json", summary)
    write_text(plan.output / "results.csv", table(results))
    yield from headlines(results, summary)
    if find_spec("matplotlib"):
        from vaecodec.benchmark.plot import write_plot

        write_plot(results, plan.output / "rate_distortion.png")
    else:
        yield "no plot: matplotlib is not installed"
    crops = make_crops(plan, codecs, results)
    write_text(plan.output / "report.html", render(results, summary, crops))


def headlines(
    results: dict[str, dict[str, Any]], summary: dict[str, Any]
) -> Iterator[str]:
    """What failed, what is absent, and what vaecodec is worth."""
    for key, why in summary["absent"].items():
        yield f"{key} is absent: {why}"
    for key, failures in summary["failed"].items():
        first = failures[0]
        yield (
            f"{key} failed {len(failures)} times, first on {first['image']} at quality "
            f"{first['quality']}: {first['reason']}"
        )
    for key in filter(is_own, results):
        yield from bd_rate_table(key, results, summary["bd_rates"])


def bd_rate_table(
    key: str, results: dict[str, dict[str, Any]], rates: dict[str, Any]
) -> Iterator[str]:
    """One codec against the others by every metric, and where it does worst."""
    rows = {metric: rates[metric].get(key, {}) for metric in COMPARED}
    anchors = [anchor for anchor in results if any(anchor in r for r in rows.values())]
    if not anchors:
        return
    titles = ["BD-rate against", *(results[anchor]["name"] for anchor in anchors)]
    width = max(map(len, titles))
    heads = "".join(f"{name:>14}" for name, _ in COMPARED.values())
    yield f"{results[key]['name']}:"
    yield f"{titles[0]:<{width}}{heads}"
    for anchor, title in zip(anchors, titles[1:], strict=True):
        cells = (percent_text(row.get(anchor, {})) for row in rows.values())
        yield f"{title:<{width}}" + "".join(f"{cell:>14}" for cell in cells)
    for metric, (name, _) in COMPARED.items():
        rivals = {a: row for a, row in rows[metric].items() if not is_own(a)}
        if worst := worst_image(rivals):
            image, anchor, percent = worst
            against = results[anchor]["name"]
            yield f"worst by {name}: {image}, {percent:+.1f} % against {against}"


def percent_text(row: dict[str, Any]) -> str:
    """The BD-rate of a comparison, or that there is none."""
    return f"{row['percent']:+.1f} %" if "percent" in row else "none"


def make_crops(
    plan: Plan, codecs: Mapping[str, Codec], results: dict[str, dict[str, Any]]
) -> list[Crop]:
    """Some images, evenly spread, out of the codecs that did not fail, at each rate."""
    ours = [*shipped_models()]
    others = [key for key, entry in reversed(entries().items()) if entry.prominent]
    # The page first shows the second one beside the first.
    order = [*ours[:1], *others[:1], *ours[1:], *others[1:], *plan.own]
    ordered = {
        key: codecs[key]
        for key in order
        if key in codecs and not results[key]["failures"]
    }
    paths = plan.images()
    crops = []
    for path in spread(paths, QUICK_CROPS if plan.quick else CROPS):
        image, number = load_image(path, largest_side=plan.side), paths.index(path)
        points = {key: results[key]["images"][number]["points"] for key in ordered}
        crops += make_sheet(image, ordered, points)
    return crops if ordered else []
