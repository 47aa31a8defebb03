"""Write the measured numbers into the README, or check that they are there.

In: `results/kodak/*.json`, `results/held_out/*.json` and `results/fuzz.json`. Out: the
text between three pairs of markers in README.md, made by `readme_tables`.

No number of the README is typed by hand: `--check` (a test runs it) fails when the
README says anything else than the result files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.conditions import RESULTS, ROOT
from benchmarks.readme_tables import render_fuzzing, render_results, render_summary
from vaecodec.benchmark.results import load_results, read_json

MARKERS = ("<!-- {}:begin -->", "<!-- {}:end -->")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--results", type=Path, default=RESULTS / "kodak")
    parser.add_argument("--held-out", type=Path, default=RESULTS / "held_out")
    parser.add_argument("--fuzz", type=Path, default=RESULTS / "fuzz.json")
    options = parser.parse_args(arguments)
    old = options.readme.read_text(encoding="utf-8")
    results = load_results(options.results)
    held_out = list(map(read_json, sorted(options.held_out.glob("*.json"))))
    new = replace_block(old, "summary", render_summary(results))
    new = replace_block(new, "results", render_results(results, held_out))
    new = replace_block(new, "fuzzing", render_fuzzing(read_json(options.fuzz)))
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


if __name__ == "__main__":
    sys.exit(main())
