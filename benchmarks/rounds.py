"""Commands timed against each other: every round runs each of them once.

So a slow minute of the machine falls on all of them, and ratios of their times hold.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from benchmarks.script import ROOT


def interleaved(
    commands: Mapping[str, Sequence[str]],
    *,
    rounds: int,
    warm_up: int = 0,
    after: Callable[[], None] = lambda: None,
) -> dict[str, list[float]]:
    """Seconds of each command in each round; CalledProcessError when one fails.

    `warm_up` rounds before are not counted; `after` tidies up, untimed, after each
    command.
    """
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(1 - warm_up, rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            seconds[name].append(time.perf_counter() - start)
            after()
    return {name: values[warm_up:] for name, values in seconds.items()}
