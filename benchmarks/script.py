"""What the scripts of this folder share: where they write, and under what conditions.

In: the command line of a script. Out: a parser of it, and what the benchmark says of
this machine and its versions, beside the command as one may type it again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vaecodec.benchmark.conditions import command_line
from vaecodec.benchmark.conditions import conditions as conditions_of
from vaecodec.benchmark.records import Conditions

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def script_parser(
    text: str | None, *, output: Path | None = None
) -> argparse.ArgumentParser:
    """A parser with the first line of a docstring, and `-o` if it has a default."""
    parser = argparse.ArgumentParser(description=(text or "").splitlines()[0])
    if output is not None:
        parser.add_argument("-o", "--output", type=Path, default=output)
    return parser


def conditions(*, threads: int | None = None) -> Conditions:
    """What a reader needs to repeat a script; `threads` None: the libraries' choice."""
    program = f"python -m benchmarks.{Path(sys.argv[0]).stem}"
    return conditions_of(command=command_line(program, sys.argv[1:]), threads=threads)
