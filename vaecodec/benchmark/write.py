"""What a finished run leaves behind, beside the result files of the codecs.

In: results. Out: `summary.json`, `results.csv`, `rate_distortion.png` (if matplotlib is
installed), `report.html`, and lines for the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from vaecodec.benchmark.codecs import Codec
from vaecodec.benchmark.crops import SHOWN, Crop, make_crop
from vaecodec.benchmark.images import load_image, spread
from vaecodec.benchmark.plan import Plan
from vaecodec.benchmark.report import render
from vaecodec.benchmark.results import SUMMARY, table, write_json, write_text
from vaecodec.benchmark.run import summarise

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
    for key, row in summary["bd_rates"]["psnr-rgb"].get("vaecodec", {}).items():
        if "refused" in row:
            yield f"against {results[key]['name']}: {row['refused']}"
        else:
            yield (
                f"against {results[key]['name']}: {row['percent']:+.1f} % over "
                f"{row['low']:.1f} to {row['high']:.1f} dB"
                + "".join(f" ({flag})" for flag in row["flags"])
            )


def make_crops(
    plan: Plan, codecs: Mapping[str, Codec], results: dict[str, dict[str, Any]]
) -> list[Crop]:
    """Some images, evenly spread, out of the codecs that did not fail."""
    shown = {
        key: codec
        for key, codec in codecs.items()
        if (key in SHOWN or key in plan.own) and not results[key]["failures"]
    }
    ordered = {key: shown[key] for key in [*SHOWN, *plan.own] if key in shown}
    paths = plan.images()
    crops = []
    for path in spread(paths, QUICK_CROPS if plan.quick else CROPS):
        image, number = load_image(path, largest_side=plan.side), paths.index(path)
        points = {key: results[key]["images"][number]["points"] for key in ordered}
        crops.append(make_crop(image, ordered, points))
    return crops if ordered else []
