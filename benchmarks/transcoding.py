"""Two workers of Dask and of Ray against two processes of `vaecodec compress -j 2`.

In: how many pictures, of mixed sizes. Out: `results/transcoding.json`: seconds, files
per second, and the ratio to `-j 2`, the median over rounds in which each runs once.
Needs two idle cores, and the extras `dask` and `ray`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.many_files import FilesTime, summarise
from benchmarks.photographs import large_photograph
from benchmarks.rounds import interleaved
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

SIDES = 96, 1024  # of the pictures
WORKERS = "2"


@dataclass(frozen=True)
class Transcoding:
    """The result file; `ratio` says how many times as fast as `-j 2` an engine is."""

    files: int
    megapixels: float
    rounds: int
    engines: Mapping[str, FilesTime]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "transcoding.json")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        megapixels = write_pictures(folder / "in", options.files)
        seconds = interleaved(
            commands(folder),
            rounds=options.rounds,
            after=lambda: shutil.rmtree(folder / "out"),
        )
    engines = summarise(seconds, files=options.files)
    counts = options.files, round(megapixels, 1), options.rounds
    write_json(options.output, Transcoding(*counts, engines, conditions(threads=1)))
    for engine, row in engines.items():
        print(f"{row.median_seconds:8.1f} s {row.ratio:6.3f} x  {engine}")
    return 0


def write_pictures(folder: Path, count: int) -> float:
    """Write pieces of a photograph, most of them small; returns their megapixels."""
    folder.mkdir()
    photograph = large_photograph(1600, 1200)
    generator = np.random.default_rng(0)
    pixels = 0
    for number in range(count):
        low, high = np.log(SIDES)
        width, height = (int(np.exp(generator.uniform(low, high))) for _ in range(2))
        x = int(generator.integers(0, photograph.width - width + 1))
        y = int(generator.integers(0, photograph.height - height + 1))
        part = photograph.crop((x, y, x + width, y + height))
        part.save(folder / f"{number:05}.jpg", quality=92)
        pixels += width * height
    return pixels / 1e6


def commands(folder: Path) -> dict[str, list[str]]:
    """Commands by the engine that they use."""
    source, target = str(folder / "in"), str(folder / "out")
    plain = ["-m", "vaecodec", "compress", "-r", source, "-o", target, "-j", WORKERS]
    words = {"vaecodec -j 2": [*plain, "--quiet"]} | {
        name: [str(ROOT / "examples" / program), source, target, "--workers", WORKERS]
        for name, program in (
            ("Dask", "transcode_dask.py"),
            ("Ray", "transcode_ray.py"),
        )
    }
    return {name: [sys.executable, *rest] for name, rest in words.items()}


if __name__ == "__main__":
    sys.exit(main())
