"""Write what Kodak says of the shipped models into the files beside them, or check it.

In: `results/kodak/vaecodec*.json` and `summary.json`. Out: `vaecodec/models/NAME.json`
of each model that was measured, from which `vaecodec models` takes its BD-rates, and
the figures in docs/models.md.

`--check` (a test runs it) fails when they say anything else than the results.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.image_sets import SetResult
from benchmarks.markdown import markdown_table, model_cell
from benchmarks.quality_scale import QualityScale
from benchmarks.referee import METRIC
from benchmarks.script import RESULTS, ROOT, script_parser
from benchmarks.update_readme import update_block
from tools.generated_page import update_text
from vaecodec.benchmark.codecs import is_own, shipped_models
from vaecodec.benchmark.json_files import read_record
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.records import BdRates, CodecResult, Comparison, Summary
from vaecodec.benchmark.results import file_name
from vaecodec.benchmark.write import percent_text
from vaecodec.cli.models import ANCHORS
from vaecodec.models.cards import CARDS
from vaecodec.models.library import load_model, model_paths
from vaecodec.models.listing import BdRates as Percents
from vaecodec.models.listing import describe, measurement

COMMAND = "python -m benchmarks.update_models"
# Published curves of PSNR; the others that `vaecodec models` names were measured.
PUBLISHED = ("vtm",)
MEASURED = [key for key in ANCHORS if key not in PUBLISHED]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--results", type=Path, default=RESULTS / "kodak")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "models.md")
    options = parser.parse_args(arguments)
    paths = (options.results / file_name(key) for key in shipped_models())
    updates = [update(path, check=options.check) for path in paths if path.exists()]
    updates.append(update_page(options.page, check=options.check))
    return max(updates)


def update(results: Path, *, check: bool) -> int:
    """Write what one result file says, or 1 where `check` finds something else."""
    result = read_record(CodecResult, results)
    model_id = result.model_id or ""
    target = measured_file(model_id)
    if target is None:
        print(f"no model with the id {model_id}: nothing to say of the others")
        return 0
    summary = read_record(Summary, results.with_name("summary.json"))
    text = measurement(model_id, bd_rates(result, summary))
    return update_text(target, text, check=check, command=COMMAND)


def update_page(page: Path, *, check: bool) -> int:
    """Write the figures of the shipped models, or 1 where `check` finds others."""
    return update_block(page, "figures", figures(), check=check, command=COMMAND)


def figures() -> str:
    """A table: for each shipped model and metric the BD-rates, in percent."""
    models = [describe(name, path) for name, path in model_paths() if name in CARDS]
    ids = ", ".join(f"`{model.name}` is `{model.model_id}`" for model in models)
    rows = [
        [
            f"`{model.name}`",
            COMPARED[metric][0],
            *(f"{rates[key]:+.1f}" if key in rates else "" for key in ANCHORS),
        ]
        for model in models
        for metric, rates in model.kodak_bd_rates.items()
    ]
    table = markdown_table(["model", "metric", *ANCHORS.values()], rows)
    return "\n\n".join([f"Model ids: {ids}.", table, *refereed(), *scale()])


def refereed() -> Iterator[str]:
    """What Butteraugli says of the shipped models, if it was asked."""
    path = RESULTS / "referee.json"
    if not path.exists():
        return
    result = read_record(SetResult, path)
    others = [key for key in result.codecs if not is_own(key)]
    rows = [
        [model_cell(key), *(percent_text(rates[other], "") for other in others)]
        for key, rates in result.bd_rates[METRIC].items()
    ]
    yield (
        "By Butteraugli (3-norm), which no model was trained on, on the same images "
        f"({_of(result.models.values())}):"
    )
    yield markdown_table(["model", *(ANCHORS[key] for key in others)], rows)


def scale() -> Iterator[str]:
    """The scores that the qualities of `standard` give, if they were measured."""
    path = RESULTS / "quality_scale.json"
    if not path.exists():
        return
    result = read_record(QualityScale, path)
    rows = [
        [
            f"{row.quality}",
            f"{row.mean:.1f}",
            f"{row.lowest:.0f} to {row.highest:.0f}",
            f"{row.bpp:.2f}",
        ]
        for row in result.qualities
    ]
    yield (
        f"Qualities of `standard` ({_of([result.model_id])}) on "
        f"{result.image_count} photographs held back from training:"
    )
    yield markdown_table(
        ["quality", "mean SSIMULACRA2", "single pictures", "bits per pixel"], rows
    )


def _of(model_ids: Iterable[str]) -> str:
    return "model " + ", ".join(f"`{model_id}`" for model_id in model_ids)


def measured_file(model_id: str) -> Path | None:
    """The file beside the model with this id; None when there is no such model."""
    for _, path in model_paths():
        if load_model(path).model_id == model_id:
            return path.with_suffix(".json")
    return None


def bd_rates(result: CodecResult, summary: Summary) -> Percents:
    """Percent by metric, against those that can be compared with."""
    published = _percents(result.bd_rates or {}, PUBLISHED)
    found = {
        metric: _percents(rates.get(result.codec, {}), MEASURED)
        for metric, rates in summary.bd_rates.items()
    }
    found["psnr-rgb"] = published | found.get("psnr-rgb", {})
    return {metric: rates for metric, rates in found.items() if rates}


def _percents(rates: BdRates, anchors: Sequence[str]) -> dict[str, float]:
    return {
        key: rate.percent
        for key in anchors
        if isinstance(rate := rates.get(key), Comparison)
    }


if __name__ == "__main__":
    sys.exit(main())
