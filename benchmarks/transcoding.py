"""Two workers of Dask and of Ray against two processes of `vaecodec compress -j 2`.

In: how many pictures, of mixed sizes. Out: `results/transcoding.json`: seconds, files
per second, and the ratio to `-j 2`, the median over rounds in which each runs once;
and the seconds that each takes for a single small picture, which is mostly its start.
Needs two idle cores, and the extras `dask` and `ray`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.many_files import FilesTime, summarise
from benchmarks.photographs import large_photograph
from benchmarks.rounds import interleaved
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

SIDES = 96, 2048  # of the pictures
WORKERS = "2"


@dataclass(frozen=True)
class Transcoding:
    """The result file; `ratio` says how many times as fast as `-j 2` an engine is.

    Attributes:
        megapixels: of all files together.
        single: seconds for one small picture.
    """

    files: int
    megapixels: float
    rounds: int
    engines: Mapping[str, FilesTime]
    single: Mapping[str, float]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "transcoding.json")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        megapixels = write_pictures(folder / "all", options.files)
        (folder / "single").mkdir()
        shutil.copy(min((folder / "all").iterdir(), key=size_of), folder / "single")
        single, seconds = (
            interleaved(
                commands(folder / source, folder / "out"),
                rounds=options.rounds,
                after=lambda: shutil.rmtree(folder / "out"),
            )
            for source in ("single", "all")
        )
    result = Transcoding(
        files=options.files,
        megapixels=round(megapixels, 1),
        rounds=options.rounds,
        engines=summarise(seconds, files=options.files),
        single={name: round(median(times), 1) for name, times in single.items()},
        conditions=conditions(threads=1),
    )
    write_json(options.output, result)
    for engine, row in result.engines.items():
        print(f"{row.median_seconds:8.1f} s {row.ratio:6.3f} x  {engine}")
    return 0


def size_of(path: Path) -> int:
    return path.stat().st_size


def write_pictures(folder: Path, count: int) -> float:
    """Write pieces of a photograph, most of them small; returns their megapixels."""
    folder.mkdir()
    photograph = large_photograph(2 * SIDES[1], 2 * SIDES[1])
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


def commands(*folders: Path) -> dict[str, list[str]]:
    """Commands by the engine that they use, from one folder to another."""
    source, target = map(str, folders)
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
