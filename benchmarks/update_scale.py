"""Write what was measured for pipelines into docs/scale.md, or check that it is there.

In: `features.json`, `kodak/*.json`, and what `loading`, `training_on_files`,
`transcoding` and `file_calls` wrote, in `results`. Out: the text between pairs of
markers. `--check` (a test runs it) writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import fmean

from benchmarks import pipeline_tables
from benchmarks.features import FeatureResult
from benchmarks.markdown import markdown_table
from benchmarks.script import RESULTS, ROOT
from benchmarks.update_readme import update_page
from vaecodec.benchmark.json_files import read_record
from vaecodec.benchmark.results import load_results
from vaecodec.benchmark.tables import TIMES, seconds_per_megapixel

PAGE = ROOT / "docs" / "scale.md"
PICTURES, MEGAPIXELS = 10**9, 0.5  # of the plan, and of each picture
BYTES = {"compress": 100_000, "decompress": 30_000}  # of a picture
IN_SHARD, CORES = 1000, 1000
SECONDS_PER_DAY = 86_400


def main(arguments: Sequence[str] | None = None) -> int:
    return update_page(
        PAGE,
        BLOCKS,
        description=__doc__,
        command="python -m benchmarks.update_scale",
        arguments=arguments,
    )


def feature_times() -> str:
    rows = (
        (
            str(row.quality),
            f"{row.pixels:.0f}",
            f"{row.features:.0f}",
            f"{row.pixels / row.features:.1f}",
        )
        for row in features().times
    )
    head = ("quality", "pixels, ms per megapixel", "features", "times faster")
    return markdown_table(head, rows)


def recall() -> str:
    found = features().recall
    descriptors = next(iter(found.values()))
    rows = (
        (change, *(f"{100 * row[name]:.0f} %" for name in descriptors))
        for change, row in found.items()
    )
    return markdown_table(("the query is", *descriptors), rows)


def accuracy() -> str:
    found = features()
    rows = (
        (name, *(f"{100 * share:.0f} %" for share in shares))
        for name, shares in found.accuracy.items()
    )
    labels = (f"{count} labels per class" for count in found.labels)
    return markdown_table(("classifier of", *labels), rows)


def plan() -> str:
    result = load_results(RESULTS / "kodak")["vaecodec"]
    rows = []
    for (work, size), time in zip(BYTES.items(), TIMES, strict=True):
        seconds = fmean(seconds_per_megapixel(result, time))
        picture = seconds * MEGAPIXELS
        days = picture * PICTURES / CORES / SECONDS_PER_DAY
        shard, read = picture * IN_SHARD / 60, size * CORES / picture / 1e6
        rows.append(
            (work, f"{1 / seconds:.1f}", f"{shard:.1f}", f"{days:.1f}", f"{read:.0f}")
        )
    head = (
        *("work", "megapixels per second and core", "minutes for a shard"),
        *("days on 1,000 cores", "MB read per second"),
    )
    return markdown_table(head, rows)


def features() -> FeatureResult:
    return read_record(FeatureResult, RESULTS / "features.json")


BLOCKS: dict[str, Callable[[], str]] = {
    "feature-times": feature_times,
    "recall": recall,
    "accuracy": accuracy,
    "plan": plan,
    "calls": pipeline_tables.calls,
    "engines": pipeline_tables.engines,
    "loading": pipeline_tables.loading,
    "trained": pipeline_tables.trained,
}

if __name__ == "__main__":
    sys.exit(main())
