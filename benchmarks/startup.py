"""How long whole processes take, as ratios in one interleaved run.

In: nothing. Out: `results/startup.json`: median seconds of each command, and the ratio
to `python -c pass`, which is what carries over to another machine.

Every round runs every command once, so a slow minute of the machine falls on all of
them. The first round warms the file cache and is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.photographs import photograph
from benchmarks.script import RESULTS, ROOT, conditions
from vaecodec.benchmark.json_files import write_json

BASELINE = "python -c pass"
IMAGE_SIZE = (768, 512)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "startup.json")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        seconds = interleaved(commands(Path(folder)), rounds=options.rounds)
    result = {
        "image_size": IMAGE_SIZE,
        "rounds": options.rounds,
        "commands": summarise(seconds),
        "conditions": conditions(),
    }
    write_json(options.output, result)
    for name, row in result["commands"].items():
        print("{median_seconds:8.3f} s {ratio:7.1f} x  ".format(**row) + name)
    return 0


def commands(folder: Path) -> dict[str, list[str]]:
    """Commands by name, in an order in which each finds its input file."""
    names = ("photograph.png", "photograph.vaec", "decoded.png")
    image, compressed, decoded = (str(folder / name) for name in names)
    photograph(*IMAGE_SIZE).save(image)
    vaecodec = [sys.executable, "-m", "vaecodec"]
    forward, backward = [image, "-o", compressed], [compressed, "-o", decoded]
    flags = ["-f", "--quiet"]
    torch = {"python -c 'import torch'": [sys.executable, "-c", "import torch"]}
    return {
        BASELINE: [sys.executable, "-c", "pass"],
        **(torch if find_spec("torch") else {}),
        "vaecodec --help": [*vaecodec, "--help"],
        "vaecodec compress": [*vaecodec, "compress", *forward, *flags],
        "vaecodec info": [*vaecodec, "info", compressed],
        "vaecodec decompress": [*vaecodec, "decompress", *backward, *flags],
    }


def interleaved(
    commands: Mapping[str, Sequence[str]], *, rounds: int
) -> dict[str, list[float]]:
    """Seconds of each command in each round; CalledProcessError when one fails."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            seconds[name].append(time.perf_counter() - start)
    return {name: values[1:] for name, values in seconds.items()}


def summarise(seconds: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Any]]:
    """Median, smallest and largest seconds, and the median over the baseline's."""
    baseline = statistics.median(seconds[BASELINE])
    return {
        name: {
            "median_seconds": round(statistics.median(values), 4),
            "minimum_seconds": round(min(values), 4),
            "maximum_seconds": round(max(values), 4),
            "ratio": round(statistics.median(values) / baseline, 2),
        }
        for name, values in seconds.items()
    }


if __name__ == "__main__":
    sys.exit(main())
