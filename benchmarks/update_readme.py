"""Write the measured numbers into the README, or check that they are there.

In: `results/kodak/*.json`, `results/held_out/*.json` and `results/fuzz.json`. Out: the
text between two pairs of markers in README.md.

No number of the README is typed by hand: `--check` (a test runs it) fails when the
README says anything else than the result files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.conditions import RESULTS, ROOT
from benchmarks.tables import markdown_table
from tools.fuzz_judges import REFUSED
from vaecodec.benchmark.anchors import load_anchors
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.codecs import CODECS
from vaecodec.benchmark.curves import measured_curve
from vaecodec.benchmark.results import load_results, read_json

MARKERS = ("<!-- {}:begin -->", "<!-- {}:end -->")
PLOT = "benchmarks/results/kodak/rate_distortion.png"
# Reading order of the tables.
ORDER = ("vaecodec", *CODECS)
# The report has all of them.
REPORT_ONLY = {"jpeg-baseline", "jpeg-444", "webp-4", "avif-444"}
HELD_OUT = {"jpeg-420": "JPEG 4:2:0", "jpeg-444": "JPEG 4:4:4", "webp": "WebP"}
PUBLISHED = (
    *("bpg444", "hm", "vtm", "bmshj2018-hyperprior", "mbt2018-mean", "evc-s"),
    *("elic", "hpcm-large", "coolchic-5.0"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--results", type=Path, default=RESULTS / "kodak")
    parser.add_argument("--held-out", type=Path, default=RESULTS / "held_out")
    parser.add_argument("--fuzz", type=Path, default=RESULTS / "fuzz.json")
    options = parser.parse_args(arguments)
    old = options.readme.read_text(encoding="utf-8")
    held_out = list(map(read_json, sorted(options.held_out.glob("*.json"))))
    results = render(load_results(options.results, ORDER), held_out)
    fuzzing = render_fuzzing(read_json(options.fuzz))
    new = replace_block(replace_block(old, "results", results), "fuzzing", fuzzing)
    if old == new:
        return 0
    if options.check:
        print("README is stale: run python -m benchmarks.update_readme")
        return 1
    options.readme.write_text(new, encoding="utf-8")
    return 0


def replace_block(text: str, name: str, block: str) -> str:
    """Replace what stands between markers; ValueError unless each is there once."""
    begin, end = (marker.format(name) for marker in MARKERS)
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"one {begin} and one {end} wanted")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{block}\n{end}{after}"


def render(
    results: dict[str, dict[str, Any]], held_out: Sequence[dict[str, Any]]
) -> str:
    """The Markdown of all results: BD-rates, then what each quality gives."""
    if "vaecodec" not in results:
        return "No measurements yet."
    result = results["vaecodec"]
    return "\n\n".join(
        [
            f"Model `{result['model_id']}` on {result['image_count']} Kodak images, "
            "bits of the whole file, PSNR-RGB, means of per-image values; conditions: "
            "[benchmarks](benchmarks/README.md).",
            f"![Rate and distortion on Kodak]({PLOT})",
            _bd_rate_table(results),
            *_other_pictures(held_out),
            _quality_table(result),
        ]
    )


def render_fuzzing(fields: dict[str, Any]) -> str:
    """What became of damaged files, in Markdown."""
    outcomes = fields["outcomes"]["decompress"]
    refused = sum(n for said, n in outcomes.items() if said.startswith(REFUSED))
    files, failures = fields["files"], fields["failures"]
    slowest = max(row["seconds"] for row in fields["slowest"].values())
    return (
        f"Of {files:,} mutated files `decompress` refused {refused:,} by a documented "
        f"error. The other {files - refused:,}, harmed in metadata at most, gave "
        "exactly the image they were made from. Crashes, hangs, wrong images, limits "
        f"passed: {failures}. The largest process held "
        f"{fields['largest']['mebibytes']:.0f} MiB, the slowest answer took "
        f"{slowest:.2f} s ([counts](benchmarks/results/fuzz.json))."
    )


def _bd_rate_table(results: dict[str, dict[str, Any]]) -> str:
    curves = {key: measured_curve(result) for key, result in results.items()}
    tested = curves.pop("vaecodec")
    anchors = {key: c for key, c in curves.items() if key not in REPORT_ONLY}
    published = load_anchors()
    anchors |= {f"published {key}": published[key] for key in PUBLISHED}
    rows = comparisons(tested, anchors)
    return markdown_table(
        ("Against", "BD-rate", "over", "source"),
        (
            (anchors[key].name, *_bd_rate_cells(row), anchors[key].source)
            for key, row in rows.items()
        ),
    )


def _bd_rate_cells(row: dict[str, Any]) -> tuple[str, str]:
    if "refused" in row:
        return "not comparable", "too little in common"
    return "{percent:+.1f} %".format(**row), "{low:.1f}-{high:.1f} dB".format(**row)


def _other_pictures(held_out: Sequence[dict[str, Any]]) -> Iterable[str]:
    """A row for every set of other pictures that was measured."""
    if held_out:
        yield "The same on other pictures that no training has seen:"
        yield markdown_table(
            ("Pictures", "Model", *HELD_OUT.values(), "worst picture against WebP"),
            (
                (
                    f"{result['image_count']} {result['set']}",
                    f"`{result['model_id']}`",
                    *(_bd_rate_cells(result["against"][key])[0] for key in HELD_OUT),
                    _worst(result["against"]["webp"]),
                )
                for result in held_out
            ),
        )


def _worst(row: dict[str, Any]) -> str:
    name = row["worst_image"]
    return f"`{name}`: {row['images'][name]:+.1f} %" if name else "none comparable"


def _quality_table(result: dict[str, Any]) -> str:
    return markdown_table(
        ("Quality", "bits per pixel", "PSNR (dB)", "compress (s)", "decompress (s)"),
        (
            (
                str(mean["quality"]),
                f"{mean['bpp']:.3f}",
                f"{mean['psnr-rgb']:.2f}",
                f"{mean['encoding_time']:.2f}",
                f"{mean['decoding_time']:.2f}",
            )
            for mean in result["means"]
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
