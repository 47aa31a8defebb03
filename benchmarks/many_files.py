"""Many small files: the rate of two processes against that of one.

In: how many files. Out: `results/many_files.json`: seconds and files per second of
`vaecodec compress -r FOLDER` by one process with one thread, by one process with as
many threads as it likes, and by two processes; and the ratios, which are what carries
over to another machine.

Every round runs every command once on the same files; the ratio is the median of those
of the rounds.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.photographs import large_photograph
from benchmarks.rounds import interleaved
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

SIZE = (192, 128)
OPTIONS = {
    "-j 1 --threads 1": ["-j", "1", "--threads", "1"],
    "-j 1": ["-j", "1"],
    "-j 2": ["-j", "2"],
}


@dataclass(frozen=True)
class FilesTime:
    """Of one command; `ratio` says how many times as fast as the first one it is."""

    median_seconds: float
    files_per_second: float
    ratio: float


@dataclass(frozen=True)
class ManyFiles:
    """The result file."""

    files: int
    image_size: tuple[int, int]
    rounds: int
    commands: Mapping[str, FilesTime]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "many_files.json")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_crops(folder / "in", options.files)
        seconds = interleaved(
            commands(folder),
            rounds=options.rounds,
            after=lambda: shutil.rmtree(folder / "out"),
        )
    times = summarise(seconds, files=options.files)
    result = ManyFiles(options.files, SIZE, options.rounds, times, conditions())
    write_json(options.output, result)
    for name, row in times.items():
        rate = f"{row.median_seconds:8.2f} s {row.files_per_second:8.1f} files/s"
        print(f"{rate} {row.ratio:6.2f} x  {name}")
    return 0


def write_crops(folder: Path, count: int) -> None:
    """Write so many pieces of a photograph, no two of them alike."""
    folder.mkdir()
    photograph = large_photograph(1600, 1200)
    generator = np.random.default_rng(0)
    for number in range(count):
        left, top = (
            int(generator.integers(0, side - length))
            for side, length in zip(photograph.size, SIZE, strict=True)
        )
        box = (left, top, left + SIZE[0], top + SIZE[1])
        photograph.crop(box).save(folder / f"{number:04}.png")


def commands(folder: Path) -> dict[str, list[str]]:
    """Commands by their options."""
    command = [sys.executable, "-m", "vaecodec", "compress", "-r", str(folder / "in")]
    output = ["-o", str(folder / "out"), "--quiet"]
    return {name: [*command, *output, *words] for name, words in OPTIONS.items()}


def summarise(
    seconds: Mapping[str, Sequence[float]], *, files: int
) -> dict[str, FilesTime]:
    """Of each command, the median, and the median of its ratios to the first one."""
    first = next(iter(seconds.values()))
    return {
        name: FilesTime(
            median_seconds=round(statistics.median(times), 3),
            files_per_second=round(files / statistics.median(times), 1),
            ratio=round(
                statistics.median(a / b for a, b in zip(first, times, strict=True)), 3
            ),
        )
        for name, times in seconds.items()
    }


if __name__ == "__main__":
    sys.exit(main())
