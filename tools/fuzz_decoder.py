"""Feed the decoder files that lie: `python -m tools.fuzz_decoder --count 10000`.

In: how many mutations of the golden files, and from which number on: the same number is
the same file, so a run can be cut into parts and any file be made again. Out: counts
of what became of them, as JSON, and exit code 1 if anything happened that must not: an
exception that is not documented, an image that is none of the golden files, a process
that crashed or hung, more time or memory than the limits. Files that did it are kept.

The promise behind it is in SECURITY.md.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.fuzz_judges import GOLDEN, FileJudge
from tools.fuzz_models import ModelJudge
from tools.fuzz_processes import answers
from tools.fuzz_verdicts import Judge, Verdict
from vaecodec.benchmark.conditions import command_line, conditions, fix_threads
from vaecodec.benchmark.json_files import write_json

SECONDS = 2.0  # of processor time, of one entry point for one file
MEBIBYTES = 300  # of resident memory, all that the process holds meanwhile
KEPT = Path("runs/fuzz")  # ignored by git
# Blocks from 1 MiB on go back to the system when they are freed (glibc). By default a
# process that lives long keeps ever more of them, and a file would be blamed for what
# thousands before it left behind.
LARGE_BLOCKS = "MALLOC_MMAP_THRESHOLD_", str(1 << 20)


class Report:
    """Counts over all verdicts, and what must not be."""

    def __init__(self) -> None:
        self.files = 0
        self.outcomes: dict[str, Counter[str]] = {}
        self.mutations: Counter[str] = Counter()
        self.failures: dict[int, list[str]] = {}
        self.slowest: dict[str, tuple[float, int]] = {}
        self.largest = 0, 0

    def add(self, number: int, verdict: Verdict | str) -> None:
        """Count a verdict, or the name of the signal that there is instead."""
        self.files += 1
        if isinstance(verdict, str):
            self.failures[number] = [verdict]
            return
        self.mutations[verdict.mutation] += 1
        for name, outcome in verdict.outcomes.items():
            self.outcomes.setdefault(name, Counter())[outcome.split("{")[0]] += 1
        for name, seconds in verdict.seconds.items():
            slowest = self.slowest.get(name, (0.0, 0))
            self.slowest[name] = max(slowest, (seconds, number))
        self.largest = max(self.largest, (verdict.peak_bytes, number))
        if wrong := list(_wrong(verdict)):
            self.failures[number] = wrong

    def as_fields(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "failures": len(self.failures),
            "failed": {str(number): why for number, why in self.failures.items()},
            "outcomes": {
                name: dict(counts.most_common())
                for name, counts in self.outcomes.items()
            },
            "slowest": {
                name: {"seconds": round(seconds, 3), "number": number}
                for name, (seconds, number) in self.slowest.items()
            },
            "largest": {
                "mebibytes": round(self.largest[0] / 2**20, 1),
                "number": self.largest[1],
            },
            "mutations": dict(sorted(self.mutations.items())),
        }


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    fix_threads(1)
    os.environ.setdefault(*LARGE_BLOCKS)
    report, start = Report(), time.monotonic()
    judge = ModelJudge if options.model else FileJudge
    make_judge = functools.partial(judge, GOLDEN, seed=options.seed)
    numbers = range(options.first, options.first + options.count)
    for number, verdict in answers(numbers, make_judge, processes=options.processes):
        report.add(number, verdict)
        if report.files % 1000 == 0 or number in report.failures:
            _say(report, number, time.monotonic() - start)
    fields = {
        "seed": options.seed,
        "first": options.first,
        "seconds": round(time.monotonic() - start, 1),
        "limits": {"seconds": SECONDS, "mebibytes": MEBIBYTES},
        **report.as_fields(),
        "conditions": conditions(command=_command(), threads=1),
    }
    if options.json:
        write_json(options.json, fields)
    _keep(report, make_judge())
    print(f"{report.files} files, {len(report.failures)} failures")
    return min(1, len(report.failures))


def _wrong(verdict: Verdict) -> list[str]:
    """What a verdict says that must not be."""
    wrong = verdict.wrong_outcomes()
    wrong += [
        f"{name}: {seconds:.2f} s"
        for name, seconds in verdict.seconds.items()
        if seconds > SECONDS
    ]
    if verdict.peak_bytes > MEBIBYTES << 20:
        wrong.append(f"{verdict.peak_bytes >> 20} MiB")
    return wrong


def _say(report: Report, number: int, seconds: float) -> None:
    line = f"{report.files} files in {seconds:.0f} s, {len(report.failures)} failures"
    reasons = " ".join(report.failures.get(number, []))
    print(f"{line} {number}: {reasons}" if reasons else line, file=sys.stderr)


def _keep(report: Report, judge: Judge) -> None:
    """Write the files that failed, for a look at them."""
    for number in report.failures:
        KEPT.mkdir(parents=True, exist_ok=True)
        _, data = judge.file(number)
        (KEPT / f"{number}{judge.suffix}").write_bytes(data)


def _command() -> str:
    return command_line("python -m tools.fuzz_decoder", sys.argv[1:])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="how many files")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", action="store_true", help="mutate the model instead")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where the counts go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
