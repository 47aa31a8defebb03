"""How long whole processes take, as ratios in one interleaved run.

In: nothing. Out: `results/startup.json`: median seconds of each command, and the ratio
to `python -c pass`, which is what carries over to another machine.

A round before the others warms the file cache and is not counted.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.photographs import photograph
from benchmarks.rounds import interleaved
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

BASELINE = "python -c pass"
IMAGE_SIZE = (768, 512)


@dataclass(frozen=True)
class CommandTime:
    """Seconds of a whole process, and the ratio of its median to the baseline's."""

    median_seconds: float
    minimum_seconds: float
    maximum_seconds: float
    ratio: float


@dataclass(frozen=True)
class Startup:
    """The result file."""

    image_size: tuple[int, int]
    rounds: int
    commands: Mapping[str, CommandTime]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "startup.json")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        timed = commands(Path(folder))
        seconds = interleaved(timed, rounds=options.rounds, warm_up=1)
    times = summarise(seconds)
    result = Startup(IMAGE_SIZE, options.rounds, times, conditions())
    write_json(options.output, result)
    for name, row in times.items():
        print(f"{row.median_seconds:8.3f} s {row.ratio:7.1f} x  {name}")
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


def summarise(seconds: Mapping[str, Sequence[float]]) -> dict[str, CommandTime]:
    """Of each command, and the median over the baseline's."""
    baseline = statistics.median(seconds[BASELINE])
    return {
        name: CommandTime(
            median_seconds=round(statistics.median(values), 4),
            minimum_seconds=round(min(values), 4),
            maximum_seconds=round(max(values), 4),
            ratio=round(statistics.median(values) / baseline, 2),
        )
        for name, values in seconds.items()
    }


if __name__ == "__main__":
    sys.exit(main())
