"""Memory and time over the size of an image.

In: numbers of megapixels. Out: `results/memory.json`, and a plot of it beside it: for
each size the peak resident memory and the seconds of `vaecodec compress` and
`decompress`, and what `encode` and `decode` take beside the array of the samples, each
in a process of its own; and of a region, with the share of the file that is read for
it. POSIX only (`os.wait4`).
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
from typing import Any

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
path, height, width, threads = sys.argv[1], *map(int, sys.argv[2:])
image = numpy.fromfile(path, numpy.uint8).reshape(height, width, 3)
vaecodec.encode(image, threads=threads or None)
"""
DECODE = """
import sys, vaecodec
vaecodec.decode(sys.argv[1], threads=int(sys.argv[2]) or None)
"""


@dataclass(frozen=True)
class MemoryResult:
    """The result file."""

    sizes: tuple[SizeRow, ...]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    sizes = []
    for megapixels in options.megapixels:
        width = round(math.sqrt(megapixels * 1.5e6))  # 3:2 like a camera
        height = round(megapixels * 1e6 / width)
        with tempfile.TemporaryDirectory() as folder:
            sizes.append(
                measure(Path(folder), width, height, threads=options.threads or 0)
            )
        print(sizes[-1])
    facts = conditions(threads=options.threads)
    write_json(options.output, MemoryResult(tuple(sizes), facts))
    write_plot(sizes, options.output.with_suffix(".png"))
    return 0


def measure(folder: Path, width: int, height: int, *, threads: int) -> SizeRow:
    """All measurements on one photograph; `threads` 0 is vaecodec's choice."""
    image, samples, file, decoded = (
        folder / name for name in ("a.png", "a.raw", "a.vaec", "b.png")
    )
    elsewhere(write_photograph, image, samples, width, height)
    vaecodec = [sys.executable, "-m", "vaecodec"]
    ending = ["-f", "--quiet", *(["--threads", str(threads)] if threads else [])]
    array = [str(samples), str(height), str(width), str(threads)]
    commands = {
        "compress": [*vaecodec, "compress", str(image), "-o", str(file), *ending],
        "decompress": [*vaecodec, "decompress", str(file), "-o", str(decoded), *ending],
        "encode": [sys.executable, "-c", ENCODE, *array],
        "decode": [sys.executable, "-c", DECODE, str(file), str(threads)],
    }
    costs = {}
    for name, command in commands.items():
        print(f"{name}, {width} x {height}", file=sys.stderr)
        held = 3 * width * height if name in ("encode", "decode") else None
        costs[name] = cost_of(command, held=held)
    return SizeRow(
        megapixels=round(width * height / 1e6, 3),
        **costs,
        region=elsewhere(decode_region, file, threads),
        width=width,
        height=height,
        bytes=file.stat().st_size,
        psnr_db=elsewhere(psnr_of_files, image, decoded),
    )


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


def decode_region(file: Path, threads: int) -> RegionCost:
    """The part in the middle of an image: what of the file is read for it."""
    data = file.read_bytes()
    info = vaecodec.inspect(data)
    width, height = min(REGION_SIDE, info.width), min(REGION_SIDE, info.height)
    region = (info.width - width) // 2, (info.height - height) // 2, width, height
    counted = CountedFile(data)
    start = time.perf_counter()
    vaecodec.decode(counted, region=region, threads=threads or None)
    seconds = round(time.perf_counter() - start, 3)
    return RegionCost(region, round(counted.count / len(data), 4), seconds)


def psnr_of_files(one: Path, other: Path) -> float:
    Image.MAX_IMAGE_PIXELS = None  # a limit for files of strangers
    return round(psnr_db(read_image(one), read_image(other)), 3)


def _parser() -> argparse.ArgumentParser:
    parser = script_parser(__doc__, output=RESULTS / "memory.json")
    parser.add_argument("megapixels", type=float, nargs="*", default=MEGAPIXELS)
    parser.add_argument("--threads", type=int, help="default: vaecodec's choice")
    return parser


if __name__ == "__main__":
    sys.exit(main())
