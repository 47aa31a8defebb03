"""One run of the benchmark: measure what is missing, compare, write everything.

In: a `Plan`. Out: the result files of `results`, and `summary.json`: the codecs that
are absent or failed with the reason, and the BD-rates of all measured codecs.

Codecs that failed anywhere have no curve: means over some of the images would be means
over other images than those of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from vaecodec.benchmark import results as files
from vaecodec.benchmark.anchors import covers_anchors, load_anchors, reproduction
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.conditions import conditions
from vaecodec.benchmark.curves import measured_curve
from vaecodec.benchmark.entry import THREADS, Codec
from vaecodec.benchmark.images import BenchmarkImage, load_image
from vaecodec.benchmark.metrics import COMPARED, METRICS
from vaecodec.benchmark.plan import Plan
from vaecodec.benchmark.process import measure_process
from vaecodec.benchmark.runner import measure_image
from vaecodec.benchmark.scoring import Scorer, scoring, where
from vaecodec.benchmark.sources import code_digest, model_id
from vaecodec.benchmark.spread import bd_rates

Results = dict[str, dict[str, Any]]


def run_benchmark(
    plan: Plan, codecs: Mapping[str, Codec], *, done: Callable[[int], None]
) -> Results:
    """Measure image by image; `done` is told the number of codecs just finished.

    Returns the results by codec. After an interruption call it again with an equal
    plan: what was measured under the same conditions is not measured again.
    """
    drafts = _drafts(plan, codecs)
    kept = {
        key: {} if plan.fresh else files.kept_rows(plan.output, draft)
        for key, draft in drafts.items()
    }
    start = datetime.now(timezone.utc).isoformat(timespec="seconds")
    rows: dict[str, list[dict[str, Any]]] = {key: [] for key in codecs}
    with scoring() as scorer:
        for path in plan.images():
            image = load_image(path, largest_side=plan.side)
            old = {key: kept[key].get(image.name, {}) for key in codecs}
            missing = {
                key: codec
                for key, codec in codecs.items()
                if old[key].get("samples_sha256") != image.digest
            }
            new = _measure(plan, drafts, image, missing, scorer)
            for key in codecs:
                rows[key].append({**new[key], "run": start} if key in new else old[key])
            for key in missing:
                _write(plan.output, drafts[key], rows[key])
            done(len(codecs))
    for key in codecs:
        drafts[key]["process"] = _process(plan, drafts[key])
    return {key: _write(plan.output, drafts[key], rows[key]) for key in codecs}


def summarise(plan: Plan, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What several codecs have together, for `summary.json` and the report."""
    good = {key: r for key, r in results.items() if r["means"] and not r["failures"]}
    rows = next(iter(results.values()))["images"]
    runs = {row["run"] for r in results.values() for row in r["images"]}
    return {
        "folder": plan.folder.resolve().name,
        "images": [row["name"] for row in rows],
        "kodak": covers_anchors(rows),
        "codecs": list(results),
        "absent": plan.absent,
        "failed": {k: r["failures"] for k, r in results.items() if r["failures"]},
        "one_run": len(runs) == 1,
        "bd_rates": {metric: bd_rates(good, metric) for metric in COMPARED},
        "conditions": results["vaecodec"]["conditions"],
    }


def _measure(
    plan: Plan,
    drafts: Results,
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    scorer: Scorer,
) -> Results:
    identities = {key: drafts[key]["identity"] for key in codecs}
    return measure_image(
        image,
        codecs,
        {key: identity["qualities"] for key, identity in identities.items()},
        scorer=scorer,
        repeats=plan.timings,
    )


def _process(plan: Plan, draft: dict[str, Any]) -> dict[str, Any]:
    qualities = draft["identity"]["qualities"]
    middle = qualities[len(qualities) // 2]
    image = plan.images()[0]
    return measure_process(
        draft["codec"], image, middle, model=plan.model, side=plan.side
    )


def _drafts(plan: Plan, codecs: Mapping[str, Codec]) -> Results:
    """The part of every result that is known beforehand."""
    record = conditions(command=plan.command, threads=THREADS)
    record["scoring"] = where()
    common = {
        "metrics": METRICS,
        "repeats": plan.timings,
        "largest_side": plan.side,
    }
    drafts = {}
    for key, codec in codecs.items():
        draft = {"codec": key, "name": codec.name, "settings": codec.settings}
        if model := model_id(codec):
            draft["model_id"] = model
        identity = {
            **draft,
            "code": code_digest(codec),
            "qualities": plan.chosen_qualities(key, codec),
            **common,
        }
        drafts[key] = {
            **draft,
            "planned_images": len(plan.images()),
            "identity": identity,
            "conditions": record,
        }
    return drafts


def _write(
    output: Path, draft: dict[str, Any], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """Add what follows from the rows, write the file of the codec, return it."""
    result = {
        **draft,
        "image_count": len(rows),
        "means": files.means(rows),
        "not_monotonic": files.falls(rows),
        "failures": files.failures(rows),
    }
    if covers_anchors(rows) and result["means"] and not result["failures"]:
        curve = measured_curve(result)
        result["bd_rates"] = comparisons(curve, load_anchors())
        same = reproduction(result["codec"], result["means"])
        result |= {"reproduces": same} if same else {}
    result["images"] = rows
    files.write_json(output / files.file_name(result["codec"]), result)
    return result
