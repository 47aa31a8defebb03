"""One run of the benchmark: measure what is missing, compare, write everything.

In: a `Plan`. Out: the result files of `results`, and the `Summary`: the codecs that are
absent or failed with the reason, and the BD-rates of all measured codecs.

Codecs that failed anywhere have no curve: means over some of the images would be means
over other images than those of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from vaecodec.benchmark import results as files
from vaecodec.benchmark.anchors import covers_anchors, load_anchors, reproduction
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.conditions import conditions
from vaecodec.benchmark.curves import measured_curve
from vaecodec.benchmark.entry import THREADS, Codec
from vaecodec.benchmark.images import BenchmarkImage, load_image
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.metrics import COMPARED, METRICS
from vaecodec.benchmark.plan import Plan
from vaecodec.benchmark.process import measure_process
from vaecodec.benchmark.records import (
    CodecResult,
    Conditions,
    Identity,
    ImageResult,
    ProcessCost,
    Results,
    Summary,
)
from vaecodec.benchmark.runner import measure_image
from vaecodec.benchmark.scoring import Scorer, scoring, where
from vaecodec.benchmark.sources import code_digest, model_id
from vaecodec.benchmark.spread import bd_rates


@dataclass(frozen=True)
class Draft:
    """The part of a result that does not follow from its images."""

    identity: Identity
    conditions: Conditions
    planned_images: int
    process: ProcessCost | None = None


def run_benchmark(
    plan: Plan, codecs: Mapping[str, Codec], *, done: Callable[[int], None]
) -> dict[str, CodecResult]:
    """Measure image by image; `done` is told the number of codecs just finished.

    Returns the results by codec. After an interruption call it again with an equal
    plan: what was measured under the same conditions is not measured again.
    """
    drafts = _drafts(plan, codecs)
    kept = {key: _kept(plan, draft) for key, draft in drafts.items()}
    start = datetime.now(timezone.utc).isoformat(timespec="seconds")
    images: dict[str, list[ImageResult]] = {key: [] for key in codecs}
    with scoring() as scorer:
        for path in plan.images():
            image = load_image(path, largest_side=plan.side)
            old = {key: o for key in codecs if (o := kept[key].get(image.name))}
            missing = {
                key: codec
                for key, codec in codecs.items()
                if key not in old or old[key].samples_sha256 != image.digest
            }
            new = _measure(plan, drafts, image, missing, scorer)
            found = old | {key: replace(row, run=start) for key, row in new.items()}
            for key in codecs:
                images[key].append(found[key])
            for key in missing:
                _write(plan, drafts[key], images[key])
            done(len(codecs))
    for key, draft in drafts.items():
        drafts[key] = replace(draft, process=_process(plan, draft))
    return {key: _write(plan, drafts[key], images[key]) for key in codecs}


def summarise(plan: Plan, results: Results) -> Summary:
    """What several codecs have together, for `summary.json` and the report."""
    good = {key: result for key, result in results.items() if result.is_good}
    first = next(iter(results.values()))
    runs = {image.run for result in results.values() for image in result.images}
    return Summary(
        folder=plan.folder.resolve().name,
        images=tuple(image.name for image in first.images),
        kodak=covers_anchors(first.images),
        codecs=tuple(results),
        absent=plan.absent,
        failed={key: r.failures for key, r in results.items() if r.failures},
        one_run=len(runs) == 1,
        bd_rates={metric: bd_rates(good, metric) for metric in COMPARED},
        conditions=first.conditions,
    )


def _kept(plan: Plan, draft: Draft) -> dict[str, ImageResult]:
    if plan.fresh:
        return {}
    return files.kept_images(plan.output, draft.identity, draft.conditions)


def _measure(
    plan: Plan,
    drafts: Mapping[str, Draft],
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    scorer: Scorer,
) -> dict[str, ImageResult]:
    return measure_image(
        image,
        codecs,
        {key: drafts[key].identity.qualities for key in codecs},
        scorer=scorer,
        repeats=plan.timings,
    )


def _process(plan: Plan, draft: Draft) -> ProcessCost:
    key, qualities = draft.identity.codec, draft.identity.qualities
    middle, image = qualities[len(qualities) // 2], plan.images()[0]
    return measure_process(key, image, middle, model=plan.model, side=plan.side)


def _drafts(plan: Plan, codecs: Mapping[str, Codec]) -> dict[str, Draft]:
    facts = conditions(command=plan.command, threads=THREADS)
    facts, images = replace(facts, scoring=where()), len(plan.images())
    return {
        key: Draft(_identity(plan, key, codec), facts, images)
        for key, codec in codecs.items()
    }


def _identity(plan: Plan, key: str, codec: Codec) -> Identity:
    return Identity(
        codec=key,
        name=codec.name,
        settings=codec.settings,
        model_id=model_id(codec),
        code=code_digest(codec),
        qualities=tuple(plan.chosen_qualities(key, codec)),
        metrics=METRICS,
        repeats=plan.timings,
        largest_side=plan.side,
    )


def _write(plan: Plan, draft: Draft, images: Sequence[ImageResult]) -> CodecResult:
    """Add what follows from the images, write the file of the codec, return it."""
    identity = draft.identity
    result = CodecResult(
        codec=identity.codec,
        name=identity.name,
        settings=identity.settings,
        model_id=identity.model_id,
        planned_images=draft.planned_images,
        identity=identity,
        conditions=draft.conditions,
        process=draft.process,
        image_count=len(images),
        means=files.means(images),
        not_monotonic=files.falls(images),
        failures=files.failures(images),
        images=tuple(images),
    )
    if covers_anchors(images) and result.is_good:
        result = _beside_published(result)
    write_json(plan.output / files.file_name(identity.codec), result)
    return result


def _beside_published(result: CodecResult) -> CodecResult:
    rates = comparisons(measured_curve(result), load_anchors())
    same = reproduction(result.codec, result.means)
    return replace(result, bd_rates=rates, reproduces=same)
