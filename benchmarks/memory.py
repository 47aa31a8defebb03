"""Memory and time over the size of an image.

In: numbers of megapixels, and a model. Out: `results/memory.json`, and a plot of it
beside it: for each size the peak resident memory and the seconds of `vaecodec compress`
and `decompress`, and what `encode` and `decode` take beside the array of the samples,
each in a process of its own; and of a region, with the share of the file that is read
for it. POSIX only (`os.wait4`).
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

import vaecodec
from benchmarks.counted_file import CountedFile
from benchmarks.memory_rows import Cost, RegionCost, SizeRow
from benchmarks.photographs import large_photograph
from benchmarks.plot_memory import write_plot
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from vaecodec.benchmark.images import read_image
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions
from vaecodec.codec.search.distortion import psnr_db

MEGAPIXELS = (1.0, 6.0, 24.0, 54.0, 100.0)
REGION_SIDE = 512  # pixels, in the middle
MIB = 2**20

# What processes of `encode` and `decode` do; they hold the samples and nothing else.
ENCODE = """
import sys, numpy, vaecodec
path, model, height, width, threads = *sys.argv[1:3], *map(int, sys.argv[3:])
image = numpy.fromfile(path, numpy.uint8).reshape(height, width, 3)
vaecodec.encode(image, model=model or None, threads=threads or None)
"""
DECODE = """
import sys, vaecodec
path, model, threads = *sys.argv[1:3], int(sys.argv[3])
vaecodec.decode(path, painter=model or None, threads=threads or None)
"""


class How(NamedTuple):
    """What all processes are told.

    Attributes:
        threads: 0 is vaecodec's choice.
        model: path of a model file; empty for the standard one.
    """

    threads: int
    model: str


class Files(NamedTuple):
    """What the processes read and write: a PNG file, its samples, and what follows."""

    image: Path
    samples: Path
    compressed: Path
    decoded: Path


@dataclass(frozen=True)
class MemoryResult:
    """The result file."""

    sizes: tuple[SizeRow, ...]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    sizes, how = [], How(options.threads or 0, options.model)
    for megapixels in options.megapixels:
        width = round(math.sqrt(megapixels * 1.5e6))  # 3:2 like a camera
        height = round(megapixels * 1e6 / width)
        with tempfile.TemporaryDirectory() as folder:
            sizes.append(measure(Path(folder), width, height, how))
        print(sizes[-1])
    facts = conditions(threads=options.threads)
    write_json(options.output, MemoryResult(tuple(sizes), facts))
    write_plot(sizes, options.output.with_suffix(".png"))
    return 0


def measure(folder: Path, width: int, height: int, how: How) -> SizeRow:
    """All measurements on one photograph."""
    files = Files(*(folder / name for name in ("a.png", "a.raw", "a.vaec", "b.png")))
    elsewhere(write_photograph, files.image, files.samples, width, height)
    costs = {}
    for name, command in commands(files, width, height, how).items():
        print(f"{name}, {width} x {height}", file=sys.stderr)
        held = 3 * width * height if name in ("encode", "decode") else None
        costs[name] = cost_of(command, held=held)
    return SizeRow(
        megapixels=round(width * height / 1e6, 3),
        **costs,
        region=elsewhere(decode_region, files.compressed, how),
        width=width,
        height=height,
        bytes=files.compressed.stat().st_size,
        psnr_db=elsewhere(psnr_of_files, files.image, files.decoded),
    )


def commands(files: Files, width: int, height: int, how: How) -> dict[str, list[str]]:
    """Commands by name, in an order in which each finds its input file."""
    image, samples, compressed, decoded = map(str, files)
    python, vaecodec = [sys.executable, "-c"], [sys.executable, "-m", "vaecodec"]
    forward, backward = [image, "-o", compressed], [compressed, "-o", decoded]
    if how.model:
        forward += ["--model", how.model]
        backward += ["--painter", how.model]
    ending = ["-f", "--quiet"]
    ending += ["--threads", str(how.threads)] if how.threads else []
    numbers = [str(height), str(width), str(how.threads)]
    return {
        "compress": [*vaecodec, "compress", *forward, *ending],
        "decompress": [*vaecodec, "decompress", *backward, *ending],
        "encode": [*python, ENCODE, samples, how.model, *numbers],
        "decode": [*python, DECODE, compressed, how.model, str(how.threads)],
    }


def cost_of(command: Sequence[str], *, held: int | None) -> Cost:
    """Of a process that holds so many bytes of samples itself, or none."""
    seconds, peak = run_measured(command)
    beside = None if held is None else round((peak - held) / MIB, 1)
    return Cost(round(peak / MIB, 1), round(seconds, 3), beside)


def elsewhere(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of work done in a process of its own.

    A child's peak on Linux starts from that of its parent, which so stays small.
    """
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(work, *arguments).result()


def write_photograph(image: Path, samples: Path, width: int, height: int) -> None:
    """The same photograph as an image file and as nothing but its samples."""
    photograph = large_photograph(width, height)
    photograph.save(image, compress_level=1)
    np.asarray(photograph).tofile(samples)


def run_measured(command: Sequence[str]) -> tuple[float, int]:
    """Seconds and peak resident bytes of a process; RuntimeError when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    # Told to Popen, which would otherwise wait for a process that is gone.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode}: {' '.join(command)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit


def decode_region(file: Path, how: How) -> RegionCost:
    """The part in the middle of an image: what of the file is read for it."""
    data = file.read_bytes()
    info = vaecodec.inspect(data)
    width, height = min(REGION_SIDE, info.width), min(REGION_SIDE, info.height)
    region = (info.width - width) // 2, (info.height - height) // 2, width, height
    counted = CountedFile(data)
    start = time.perf_counter()
    vaecodec.decode(
        counted,
        region=region,
        painter=how.model or None,
        threads=how.threads or None,
    )
    seconds = round(time.perf_counter() - start, 3)
    return RegionCost(region, round(counted.count / len(data), 4), seconds)


def psnr_of_files(one: Path, other: Path) -> float:
    limit = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None  # it is for files of strangers
    try:
        return round(psnr_db(read_image(one), read_image(other)), 3)
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _parser() -> argparse.ArgumentParser:
    parser = script_parser(__doc__, output=RESULTS / "memory.json")
    parser.add_argument("megapixels", type=float, nargs="*", default=MEGAPIXELS)
    parser.add_argument("--threads", type=int, help="default: vaecodec's choice")
    parser.add_argument("--model", default="", help="a model file (default: standard)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
