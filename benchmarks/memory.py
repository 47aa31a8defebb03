"""Memory and time of a large image.

In: a number of megapixels. Out: `results/memory.json`: peak resident memory and seconds
of `vaecodec compress` and `decompress`, each in a process of its own, and the PSNR of
the round trip. POSIX only (`os.wait4`).
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.conditions import RESULTS, ROOT, conditions
from benchmarks.images import large_photograph
from vaecodec.benchmark.images import read_image
from vaecodec.benchmark.results import write_json
from vaecodec.codec.distortion import psnr_db


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    # 3:2 like a camera; Pillow's own limit is for files of strangers.
    width = round(math.sqrt(options.megapixels * 1.5e6))
    height = round(options.megapixels * 1e6 / width)
    Image.MAX_IMAGE_PIXELS = None
    with tempfile.TemporaryDirectory() as folder:
        result = round_trip(Path(folder), (width, height), threads=options.threads)
    result["conditions"] = conditions(threads=options.threads)
    write_json(options.output, result)
    for name in ("compress", "decompress"):
        text = "{peak_mib:8.0f} MiB {seconds_per_megapixel:8.3f} s/MP"
        print(f"{name:12s}{text.format(**result[name])}")
    print("PSNR in dB:", result["psnr_db"])
    return 0


def round_trip(
    folder: Path, size: tuple[int, int], *, threads: int | None
) -> dict[str, Any]:
    """Compress and decompress one image of (width, height) through the command line."""
    image, file, decoded = (
        folder / name for name in ("original.png", "image.vaec", "decoded.png")
    )
    # Elsewhere, because a child's peak on Linux starts from that of its parent.
    with ProcessPoolExecutor(1) as pool:
        pool.submit(_write_photograph, image, size).result()
    vaecodec = [sys.executable, "-m", "vaecodec"]
    ending = ["-f", "--quiet", *(["--threads", str(threads)] if threads else [])]
    megapixels = size[0] * size[1] / 1e6
    return {
        "width": size[0],
        "height": size[1],
        "compress": _row(
            [*vaecodec, "compress", str(image), "-o", str(file), *ending], megapixels
        ),
        "decompress": _row(
            [*vaecodec, "decompress", str(file), "-o", str(decoded), *ending],
            megapixels,
        ),
        "bytes": file.stat().st_size,
        "psnr_db": round(psnr_db(read_image(image), read_image(decoded)), 3),
    }


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


def _write_photograph(path: Path, size: tuple[int, int]) -> None:
    large_photograph(*size).save(path, compress_level=1)


def _row(command: Sequence[str], megapixels: float) -> dict[str, float]:
    print(f"{command[3]}, {megapixels:.1f} megapixels", file=sys.stderr)
    seconds, peak = run_measured(command)
    return {
        "peak_mib": round(peak / 2**20, 1),
        "seconds": round(seconds, 3),
        "seconds_per_megapixel": round(seconds / megapixels, 4),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--threads", type=int, help="default: vaecodec's choice")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "memory.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
