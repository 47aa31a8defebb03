"""What a codec costs in a process of its own: time to load, and memory.

In: a codec and an image file. Out: `load_time`, the seconds that the first file took
beyond the second (importing, reading the model, building tables), and the peak
resident memory of the process after compressing and after decompressing that image.

Run as a program (`python -m vaecodec.benchmark.process`), it prints JSON.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.images import load_image
from vaecodec.benchmark.json_files import from_line, to_line
from vaecodec.benchmark.records import ProcessCost
from vaecodec.benchmark.runner import reason

TIME_LIMIT = 600  # seconds


@dataclass(frozen=True)
class Task:
    """What the process is told, as JSON: a codec, an image file, and how to read it."""

    key: str
    image: str
    quality: float
    model: str | None
    side: int | None


def measure_process(
    key: str, image: Path, quality: float, *, model: str | None, side: int | None
) -> ProcessCost:
    """Start the process and read what it says; it may say that it failed."""
    given = Task(key, str(image), quality, model, side)
    command = [sys.executable, "-m", "vaecodec.benchmark.process", to_line(given)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        return ProcessCost(failed=f"not done after {TIME_LIMIT} seconds")
    if done.returncode:
        return ProcessCost(failed=f"exit code {done.returncode}")
    # A codec may have printed something before.
    return from_line(ProcessCost, done.stdout.splitlines()[-1])


def main(task: Task) -> ProcessCost:
    """Measure this process, which must be a fresh one."""
    image = load_image(Path(task.image), largest_side=task.side).pixels
    corner = np.ascontiguousarray(image[:64, :64])
    before = peak_mib()
    seconds = []
    start = time.perf_counter()
    codec = make_codec(task.key, model=task.model)
    for _ in range(2):
        codec.decompress(codec.compress(corner, task.quality))
        seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
    data = codec.compress(image, task.quality)
    compressing = peak_mib()
    codec.decompress(data)
    return ProcessCost(
        load_time=round(max(0.0, seconds[0] - seconds[1]), 4),
        peak_mib=peak_mib(),
        compressing_peak_mib=compressing,
        before_mib=before,
    )


def peak_mib() -> float | None:
    """Largest resident memory of this process so far; None where unknown."""
    try:
        # Not getrusage on Linux: there a child starts from the peak of its parent.
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)
    except (OSError, IndexError):
        return _rusage_mib()


def _rusage_mib() -> float | None:
    try:
        import resource
    except ImportError:
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


if __name__ == "__main__":
    try:
        said = main(from_line(Task, sys.argv[1]))
    except Exception as error:
        said = ProcessCost(failed=reason(error))
    print(to_line(said))
