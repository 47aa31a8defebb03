"""Many small files: the rate of two processes against that of one.

In: how many files. Out: `results/many_files.json`: seconds and files per second of
`vaecodec compress -r FOLDER` by one process with one thread, by one process with as
many threads as it likes, and by two processes; and the ratios, which are what carries
over to another machine.

Every round runs every command once on the same files, so that a slow minute of the
machine falls on all of them; the ratio is the median of those of the rounds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.photographs import large_photograph
from benchmarks.script import RESULTS, ROOT, conditions
from vaecodec.benchmark.json_files import write_json

SIZE = (192, 128)
COMMANDS = {
    "-j 1 --threads 1": ["-j", "1", "--threads", "1"],
    "-j 1": ["-j", "1"],
    "-j 2": ["-j", "2"],
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "-o", "--output", type=Path, default=RESULTS / "many_files.json"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        write_crops(Path(folder) / "in", options.files)
        seconds = interleaved(Path(folder), rounds=options.rounds)
    result = {
        "files": options.files,
        "image_size": SIZE,
        "rounds": options.rounds,
        "commands": summarise(seconds, files=options.files),
        "conditions": conditions(),
    }
    write_json(options.output, result)
    for name, row in result["commands"].items():
        text = "{median_seconds:8.2f} s {files_per_second:8.1f} files/s {ratio:6.2f} x"
        print(f"{text.format(**row)}  {name}")
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


def interleaved(folder: Path, *, rounds: int) -> dict[str, list[float]]:
    """Seconds of every command in every round."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            seconds[name].append(run_timed(folder, words))
    return seconds


def run_timed(folder: Path, words: Sequence[str]) -> float:
    command = [sys.executable, "-m", "vaecodec", "compress", "-r", str(folder / "in")]
    output = folder / "out"
    start = time.perf_counter()
    subprocess.run(
        [*command, "-o", str(output), "--quiet", *words], cwd=ROOT, check=True
    )
    seconds = time.perf_counter() - start
    shutil.rmtree(output)
    return seconds


def summarise(seconds: dict[str, list[float]], *, files: int) -> dict[str, Any]:
    """Of each command, the median, and the median of its ratios to the first one."""
    first = next(iter(seconds.values()))
    return {
        name: {
            "median_seconds": round(statistics.median(times), 3),
            "files_per_second": round(files / statistics.median(times), 1),
            "ratio": round(
                statistics.median(a / b for a, b in zip(first, times, strict=True)), 3
            ),
        }
        for name, times in seconds.items()
    }


if __name__ == "__main__":
    sys.exit(main())
