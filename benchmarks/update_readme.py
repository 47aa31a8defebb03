"""Write the measured numbers into README and docs, or check that they are there.

In: `results/kodak/*.json`, `results/held_out/*.json`, and `referee.json`, `fuzz.json`
and `progressive.json` in `results`. Out: the text between pairs of markers in three
pages, made by `readme_tables`.

None of these numbers is typed by hand: `--check` (a test runs it) fails when a page
differs from the result files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.image_sets import SetResult
from benchmarks.progressive import Progressive
from benchmarks.readme_tables import (
    render_fuzzing,
    render_progressive,
    render_results,
    render_summary,
)
from benchmarks.script import RESULTS, ROOT, script_parser
from tools.generated_page import update_text
from vaecodec.benchmark.json_files import read_json, read_record
from vaecodec.benchmark.results import load_results

MARKERS = ("<!-- {}:begin -->", "<!-- {}:end -->")
PAGES = {
    "summary": "README.md",
    "results": "docs/results.md",
    "progressive": "docs/results.md",
    "fuzzing": "SECURITY.md",
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--pages", type=Path, default=ROOT, help="folder of README.md")
    parser.add_argument("--results", type=Path, default=RESULTS / "kodak")
    parser.add_argument("--held-out", type=Path, default=RESULTS / "held_out")
    parser.add_argument("--referee", type=Path, default=RESULTS / "referee.json")
    parser.add_argument("--fuzz", type=Path, default=RESULTS / "fuzz.json")
    parser.add_argument(
        "--progressive", type=Path, default=RESULTS / "progressive.json"
    )
    options = parser.parse_args(arguments)
    results = load_results(options.results)
    referee = progressive = None
    if options.referee.exists():
        referee = read_record(SetResult, options.referee)
    if options.progressive.exists():
        progressive = read_record(Progressive, options.progressive)
    paths = sorted(options.held_out.glob("*.json"))
    held_out = [read_record(SetResult, path) for path in paths]
    blocks = {
        "summary": render_summary(results, referee),
        "results": render_results(results, held_out),
        "progressive": render_progressive(progressive),
        "fuzzing": render_fuzzing(read_json(options.fuzz)),
    }
    how = {"check": options.check, "command": "python -m benchmarks.update_readme"}
    return max(
        update_block(options.pages / PAGES[name], name, block, **how)
        for name, block in blocks.items()
    )


def update_page(
    page: Path,
    blocks: Mapping[str, Callable[[], str]],
    *,
    description: str | None,
    command: str,
    arguments: Sequence[str] | None,
) -> int:
    """The whole program of a page of its own: write its blocks, or `--check` them."""
    parser = script_parser(description)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    return max(
        update_block(page, name, render(), check=check, command=command)
        for name, render in blocks.items()
    )


def update_block(
    page: Path, name: str, block: str, *, check: bool, command: str
) -> int:
    """Write a block into a page, or return 1 where `check` finds another one."""
    text = replace_block(page.read_text(encoding="utf-8"), name, block)
    return update_text(page, text, check=check, command=command)


def replace_block(text: str, name: str, block: str) -> str:
    """Replace what stands between markers; ValueError unless each is there once."""
    begin, end = (marker.format(name) for marker in MARKERS)
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"expected one {begin} and one {end}")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{block}\n{end}{after}"


if __name__ == "__main__":
    sys.exit(main())
