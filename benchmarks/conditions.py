"""Where the scripts of this folder write, and the conditions their files carry.

In: the command line of a script. Out: what `vaecodec.benchmark.conditions` says about
this machine and its versions, beside the command as one may type it again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from vaecodec.benchmark.conditions import command_line
from vaecodec.benchmark.conditions import conditions as conditions_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def conditions(*, threads: int | None = None) -> dict[str, Any]:
    """What a reader needs to repeat a script; `threads` None: the libraries' choice."""
    program = f"python -m benchmarks.{Path(sys.argv[0]).stem}"
    return conditions_of(command=command_line(program, sys.argv[1:]), threads=threads)
