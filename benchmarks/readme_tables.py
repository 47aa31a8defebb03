"""The Markdown of measured numbers, for `update_readme`.

In: contents of result files. Out: text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from benchmarks.image_sets import SetResult
from benchmarks.markdown import markdown_table, model_cell
from benchmarks.progressive import Progressive
from tools.fuzz_verdicts import REFUSED
from vaecodec.benchmark.anchors import load_anchors
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.codecs import entries, is_own, shipped_models
from vaecodec.benchmark.curves import measured_curve
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.records import (
    BdRate,
    BdRates,
    CodecResult,
    MeanPoint,
    Refusal,
    Results,
)
from vaecodec.benchmark.spread import worst_image
from vaecodec.benchmark.tables import TIMES, Time, seconds_per_megapixel
from vaecodec.benchmark.write import percent_text

PLOT = "../benchmarks/results/kodak/rate_distortion.png"
# The metric that people see first, then the others.
JUDGES = ("ssimulacra2", "ms-ssim-rgb-db", "psnr-rgb")
PUBLISHED = (
    *("bpg444", "hm", "vtm", "bmshj2018-hyperprior", "mbt2018-mean", "evc-s"),
    *("elic", "hpcm-large", "coolchic-5.0"),
)
NOTHING = "\N{EN DASH}"
# A metric is no independent judge of a model that was trained on it.
TRAINED_ON = (
    "`standard` was trained on SSIMULACRA2 and squared error, `psnr` on squared error "
    "alone. No model was trained on MS-SSIM or Butteraugli."
)


def render_summary(results: Results, referee: SetResult | None = None) -> str:
    """The shipped models and other codecs by every metric, and how fast they are.

    `referee` is what another metric says, by `benchmarks.referee`.
    """
    models = [key for key in shipped_models() if key in results]
    if not models:
        return "No measurements yet."
    first = results[models[0]]
    return "\n\n".join(
        [
            "How many more (+) or fewer (-) bits our files need than those of other "
            f"codecs for the same score, on {first.image_count} Kodak photographs "
            "(BD-rate):",
            _rival_table(results, models, referee),
            TRAINED_ON,
            _speed_table(results, models),
            f"{_settings(results)} How this is measured: "
            "[benchmarks](benchmarks/README.md).",
        ]
    )


def render_results(results: Results, held_out: Sequence[SetResult]) -> str:
    """Squared error beside published codecs, other pictures, and each quality."""
    parts = [*_published(results), *_other_pictures(held_out)]
    if models := [key for key in shipped_models() if key in results]:
        parts.append(_quality_table(results, models))
    return "\n\n".join(parts) or "No measurements yet."


def render_fuzzing(fields: dict[str, Any]) -> str:
    """What became of damaged files, in Markdown."""
    outcomes = fields["outcomes"]["decompress"]
    refused = sum(n for said, n in outcomes.items() if said.startswith(REFUSED))
    files, failures = fields["files"], fields["failures"]
    slowest = max(row["seconds"] for row in fields["slowest"].values())
    return (
        f"`decompress` refused {refused:,} of {files:,} mutated files with a "
        f"documented error. The other {files - refused:,}, with damaged metadata at "
        "most, gave exactly the original image. Crashes, hangs, wrong images and "
        f"exceeded limits: {failures}. The largest process used "
        f"{fields['largest']['mebibytes']:.0f} MiB, and the slowest answer took "
        f"{slowest:.2f} s ([counts](benchmarks/results/fuzz.json))."
    )


def render_progressive(result: Progressive | None) -> str:
    """How good the beginning of a file is, and what payloads of their own cost."""
    if result is None:
        return "No measurements yet."
    table = markdown_table(
        ("Quality", "Steps", "Share of the file", "PSNR (dB)", "SSIMULACRA2"),
        (
            (
                f"{row.quality}",
                f"{count} of {len(row.steps)}",
                f"{100 * step.share_of_file:.1f} %",
                f"{step.psnr:.2f}",
                f"{step.ssimulacra2:.1f}",
            )
            for row in result.qualities
            for count, step in enumerate(row.steps, start=1)
        ),
    )
    costs = ", ".join(
        f"{row.separate_payloads_cost_percent:.2f} % at quality {row.quality}"
        for row in result.qualities
    )
    return (
        "Any beginning of a file that ends after a step gives a whole, coarser image. "
        f"Means over {result.image_count} Kodak images, model `standard`:\n\n"
        f"{table}\n\nA payload for each step makes these files larger than a single "
        f"payload would: {costs}. Tiles of small files therefore have a single payload."
    )


def _rivals(results: Results) -> dict[str, str]:
    """Names of the other codecs of the first table, the strongest first."""
    return {
        key: results[key].name
        for key, entry in reversed(entries().items())
        if entry.in_readme and key in results
    }


def _settings(results: Results) -> str:
    notes = dict.fromkeys(entries()[key].note for key in _rivals(results))
    return "".join(f"{note}. " for note in notes).strip()


def _rival_table(
    results: Results, models: Sequence[str], referee: SetResult | None
) -> str:
    rivals = _rivals(results)
    rows: list[Sequence[str]] = []
    for metric in JUDGES:
        curves = {key: measured_curve(results[key], metric) for key in rivals}
        for model in models:
            own = measured_curve(results[model], metric)
            found = comparisons(own, curves)
            cells = (percent_text(found[key]) for key in rivals)
            rows.append((COMPARED[metric][0], model_cell(model), *cells))
    rows += _refereed(results, models, referee) if referee else ()
    return markdown_table(("At equal", "Model", *rivals.values()), rows)


def _refereed(
    results: Results, models: Sequence[str], referee: SetResult
) -> Iterator[Sequence[str]]:
    """Rows of the models that were judged as they are now."""
    for metric, rates in referee.bd_rates.items():
        for model in models:
            if referee.models.get(model) == results[model].model_id:
                said = rates[model]
                cells = (
                    percent_text(said[key]) if key in said else NOTHING
                    for key in _rivals(results)
                )
                yield metric, model_cell(model), *cells


def _speed_table(results: Results, models: Sequence[str]) -> str:
    names = {key: model_cell(key) for key in models}
    names |= _rivals(results)
    rows = (
        (verb, *(_milliseconds(results[key], time) for key in names))
        for verb, time in zip(("compress", "decompress"), TIMES, strict=True)
    )
    return markdown_table(("ms per megapixel, one thread", *names.values()), rows)


def _milliseconds(result: CodecResult, time: Time) -> str:
    """The mean over all qualities."""
    return f"{1000 * fmean(seconds_per_megapixel(result, time)):.0f}"


def _published(results: Results) -> Iterator[str]:
    """The model that was trained for squared error against those of papers."""
    result = results.get("vaecodec-psnr")
    if result is None:
        return
    yield (
        f"By squared error, as in most papers: model `psnr` (`{result.model_id}`) "
        f"on {result.image_count} Kodak images against published curves. Rates "
        "count the whole file; PSNR-RGB is the mean over the images."
    )
    yield f"![Rate and distortion on Kodak]({PLOT})"
    published = load_anchors()
    anchors = {key: published[key] for key in PUBLISHED}
    rates = comparisons(measured_curve(result), anchors)
    yield markdown_table(
        ("Against", "BD-rate", "over", "source"),
        (
            (anchors[key].name, percent_text(rate), _range(rate), anchors[key].source)
            for key, rate in rates.items()
        ),
    )


def _range(rate: BdRate) -> str:
    if isinstance(rate, Refusal):
        return "too little in common"
    return f"{rate.low:.1f}-{rate.high:.1f} dB"


def _other_pictures(held_out: Sequence[SetResult]) -> Iterator[str]:
    """A row for every set of other pictures, metric and model."""
    if held_out:
        yield "On other pictures that were never trained on:"
        names = {
            key: result.codecs[key].name
            for key in reversed(entries())
            for result in held_out
            if key in result.codecs and not is_own(key)
        }
        heads = ("Pictures", "At equal", "Model", *names.values())
        yield markdown_table(
            (*heads, "Worst picture"),
            (row for result in held_out for row in _held_out_rows(result, names)),
        )


def _held_out_rows(result: SetResult, names: dict[str, str]) -> Iterator[Sequence[str]]:
    for metric in JUDGES:
        for model, rates in result.bd_rates.get(metric, {}).items():
            rivals = {key: rates[key] for key in names if key in rates}
            yield (
                f"{result.image_count} {result.set}",
                COMPARED[metric][0],
                model_cell(model),
                *(percent_text(rivals[k]) if k in rivals else NOTHING for k in names),
                _worst(rivals, names),
            )


def _worst(rates: BdRates, names: dict[str, str]) -> str:
    worst = worst_image(rates)
    if worst is None:
        return NOTHING
    image, anchor, percent = worst
    return f"`{image}`: {percent:+.1f} % against {names[anchor]}"


def _quality_table(results: Results, models: Sequence[str]) -> str:
    """What each quality gives, one group of columns for each model."""
    groups = [{m.quality: m for m in results[key].means} for key in models]
    qualities = sorted(set.intersection(*(set(group) for group in groups)))
    titles = ("bpp", "SSIMULACRA2", "PSNR (dB)")
    heads = [f"{model_cell(key)}: {title}" for key in models for title in titles]
    return markdown_table(
        ("Quality", *heads),
        (
            (str(quality), *(c for group in groups for c in _gives(group[quality])))
            for quality in qualities
        ),
    )


def _gives(mean: MeanPoint) -> Iterator[str]:
    yield f"{mean.bpp:.3f}"
    yield f"{mean.scores['ssimulacra2']:.1f}"
    yield f"{mean.scores['psnr-rgb']:.2f}"
