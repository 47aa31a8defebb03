"""The conditions of a measurement, without which nobody can repeat it.

Out: versions, processor, threads, date and command. Paths
outside the current folder are cut to their last part: they say nothing to a reader,
and something about whoever measured.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaecodec.benchmark.records import Conditions

PACKAGES = (
    *("vaecodec", "numpy", "pillow", "onnxruntime", "constriction", "scipy"),
    "bjontegaard",
)
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def fix_threads(threads: int) -> None:
    """Hold numerical libraries to so many threads, if none of them is loaded yet."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))


def conditions(*, command: str, threads: int | None = None) -> Conditions:
    """What a reader needs to repeat a run; `threads` None: the libraries' choice."""
    # Late: the command line takes `fix_threads` from here, whatever the command.
    from vaecodec.benchmark.records import Conditions

    return Conditions(
        date=datetime.now(timezone.utc).date().isoformat(),
        command=command,
        python=platform.python_version(),
        versions=versions(),
        system=f"{platform.system()} {platform.machine()}",
        cpu=_cpu_name(),
        cpu_count=os.cpu_count(),
        load_average=_load_average(),
        threads=threads,
    )


def versions() -> dict[str, str | None]:
    """Versions of the packages, and of what the codecs run in; None: not there."""
    # Late: `fix_threads` must come before numpy.
    from vaecodec.benchmark.codecs import entries
    from vaecodec.benchmark.entry import package_version

    libraries = {entry.library for entry in entries().values() if entry.library}
    by_name = sorted(libraries, key=lambda library: library.name)
    return {name: package_version(name) for name in PACKAGES} | {
        library.name: library.version() for library in by_name
    }


def command_line(program: str, arguments: Sequence[str]) -> str:
    """The command as one may type it in the current folder, free of outside paths."""
    return " ".join([program, *map(_without_folders, arguments)])


def _without_folders(argument: str) -> str:
    if os.sep not in argument:
        return argument
    path, here = Path(argument).resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else path.name


def _load_average() -> float | None:
    # Of the last minute, when the run begins: above 1, the machine had other work.
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.processor()
