"""All that is measured for docs/vae.md: its tables, its chart and its digits.

In: the programs `examples/vae*.py`. Out: `results/vae.json`, two pictures in
`docs/vae`, and tables in `docs/vae.md`. Seven small models are trained for this, which
takes some minutes.

`--check` (a test runs it) trains nothing and fails when the page says anything else
than the numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.markdown import markdown_table
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from benchmarks.update_readme import update_block
from benchmarks.vae_figures import draw_chart, draw_digits
from benchmarks.vae_results import VaeResult, coding, known_pictures, variant
from benchmarks.vae_variants import PLAIN, VARIANTS, trained
from examples.vae import STEPS
from examples.vae_digits import digits
from examples.vae_measures import neighbour_accuracy
from vaecodec.benchmark.json_files import read_record, write_json

COMMAND = "python -m benchmarks.vae_page"
HEAD = (
    *("model", "bits per pixel", "for latents", "error of a pixel"),
    *("calibration error", "samples", "distance to prior", "labels"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if not options.check:
        write_json(options.result, measure(options.steps, options.pictures))
    result = read_record(VaeResult, options.result)
    blocks = {"models": render_models(result), "coding": render_coding(result)}
    return max(
        update_block(options.page, name, block, check=options.check, command=COMMAND)
        for name, block in blocks.items()
    )


def measure(steps: int, pictures: Path) -> VaeResult:
    """Train all models, measure them, and draw the pictures into a folder."""
    train, _, test = digits()
    models = {name: trained(name, train, steps=steps) for name in VARIANTS}
    result = VaeResult(
        {name: variant(model, train, test) for name, model in models.items()},
        coding(models[PLAIN], test),
        round(neighbour_accuracy(known_pictures(train), test), 4),
        conditions(threads=1),
    )
    draw_digits(models, test.pictures, pictures / "digits.webp")
    draw_chart(result, pictures / "grid.png")
    return result


def render_models(result: VaeResult) -> str:
    """A table with a row for each model."""
    rows = [
        (
            name,
            f"{row.bits:.3f}",
            f"{row.latents:.3f}",
            f"{row.error:.2f}",
            f"{row.calibration:.3f}",
            f"{row.samples:.3f}",
            f"{row.prior:.2f}",
            f"{100 * row.labels:.1f} %",
        )
        for name, row in result.variants.items()
    ]
    no_model = (
        "no model: pixels",
        *6 * ("",),
        f"{100 * result.labels_by_pixels:.1f} %",
    )
    return markdown_table(HEAD, [*rows, no_model])


def render_coding(result: VaeResult) -> str:
    """A table of files, by the grid of their latents."""
    elbo = result.variants[PLAIN].bits
    rows = [
        (
            f"1/{points}",
            f"{grid.bits_back:.3f} ({100 * (grid.bits_back / elbo - 1):+.1f} %)",
            f"{grid.rounded:.3f} ({100 * (grid.rounded / elbo - 1):+.1f} %)",
        )
        for points, grid in result.grids.items()
    ]
    return markdown_table(("grid", "drawn, with bits back", "rounded"), rows)


def _parser() -> argparse.ArgumentParser:
    parser = script_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="train nothing")
    parser.add_argument("--steps", type=int, default=STEPS, help="of every training")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "vae.md")
    parser.add_argument("--pictures", type=Path, default=ROOT / "docs" / "vae")
    parser.add_argument(
        "--result", type=Path, default=RESULTS / "vae.json", metavar="JSON"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
