"""What a finished run leaves behind, beside the result files of the codecs.

In: results. Out: `summary.json`, `results.csv`, `rate_distortion.png` (if matplotlib is
installed), `report.html`, and lines for the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from vaecodec.benchmark.codecs import entries, is_own, shipped_models
from vaecodec.benchmark.crops import Crop, make_sheet
from vaecodec.benchmark.entry import Codec
from vaecodec.benchmark.images import load_image, spread
from vaecodec.benchmark.json_files import write_json, write_text
from vaecodec.benchmark.metrics import metric_name
from vaecodec.benchmark.plan import Plan
from vaecodec.benchmark.records import (
    BdRate,
    BdRates,
    Comparison,
    Results,
    Summary,
)
from vaecodec.benchmark.report import render
from vaecodec.benchmark.results import SUMMARY, table
from vaecodec.benchmark.run import summarise
from vaecodec.benchmark.spread import worst_image

CROPS = 4
QUICK_CROPS = 2


def write_everything(
    plan: Plan, codecs: Mapping[str, Codec], results: Results
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


def headlines(results: Results, summary: Summary) -> Iterator[str]:
    """What failed, what is absent, and what vaecodec is worth."""
    for key, why in summary.absent.items():
        yield f"{key} is absent: {why}"
    for key, failures in summary.failed.items():
        yield f"{key} failed {len(failures)} times, first on {failures[0]}"
    names = {key: result.name for key, result in results.items()}
    for key in filter(is_own, results):
        yield from bd_rate_table(key, names, summary.bd_rates)


def bd_rate_table(
    key: str, names: Mapping[str, str], rates: Mapping[str, Mapping[str, BdRates]]
) -> Iterator[str]:
    """One codec against the others by every metric, and where it does worst."""
    rows = {metric: by_codec.get(key, {}) for metric, by_codec in rates.items()}
    anchors = [anchor for anchor in names if any(anchor in r for r in rows.values())]
    if not anchors:
        return
    titles = ["BD-rate against", *(names[anchor] for anchor in anchors)]
    width = max(map(len, titles))
    columns = {metric: max(14, len(metric_name(metric)) + 2) for metric in rows}
    heads = "".join(f"{metric_name(metric):>{w}}" for metric, w in columns.items())
    yield f"{names[key]}:"
    yield f"{titles[0]:<{width}}{heads}"
    for anchor, title in zip(anchors, titles[1:], strict=True):
        cells = (
            f"{percent_text(row.get(anchor)):>{columns[metric]}}"
            for metric, row in rows.items()
        )
        yield f"{title:<{width}}" + "".join(cells)
    for metric, row in rows.items():
        rivals = {anchor: rate for anchor, rate in row.items() if not is_own(anchor)}
        if worst := worst_image(rivals):
            image, anchor, percent = worst
            against = f"{percent:+.1f} % against {names[anchor]}"
            yield f"worst by {metric_name(metric)}: {image}, {against}"


def percent_text(rate: BdRate | None, unit: str = " %") -> str:
    """The BD-rate of a comparison, or that there is none."""
    return f"{rate.percent:+.1f}{unit}" if isinstance(rate, Comparison) else "none"


def make_crops(plan: Plan, codecs: Mapping[str, Codec], results: Results) -> list[Crop]:
    """Some images, evenly spread, out of the codecs that did not fail, at each rate."""
    ours = [*shipped_models()]
    others = [key for key, entry in reversed(entries().items()) if entry.prominent]
    # The page first shows the second one beside the first.
    order = [*ours[:1], *others[:1], *ours[1:], *others[1:], *plan.own]
    ordered = {
        key: codecs[key] for key in order if key in codecs and not results[key].failures
    }
    paths = plan.images()
    crops = []
    for path in spread(paths, QUICK_CROPS if plan.quick else CROPS):
        image, number = load_image(path, largest_side=plan.side), paths.index(path)
        points = {key: results[key].images[number].points for key in ordered}
        crops += make_sheet(image, ordered, points)
    return crops if ordered else []
