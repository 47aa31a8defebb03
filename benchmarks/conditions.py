"""Result files: JSON in, JSON out, and the conditions every file carries.

In: anything `json` can write. Out: a file that is either whole or not there.

A number without its conditions cannot be repeated, so versions, processor, threads,
date and command stand beside the numbers. Paths outside the repository are cut to their
last part: they say nothing to a reader, and something about whoever measured.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("vaecodec", "numpy", "pillow", "onnxruntime", "constriction")


def write_json(path: Path, content: Any) -> None:
    """Write `content` beside `path`, then rename: no reader ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    text = json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)


def read_json(path: Path) -> Any:
    """Parse a file written by `write_json`."""
    return json.loads(path.read_text(encoding="utf-8"))


def conditions(*, threads: int | None = None) -> dict[str, Any]:
    """What a reader needs to repeat a run; `threads` None: the libraries' choice."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "command": command_line(sys.argv),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_name(),
        "cpu_count": os.cpu_count(),
        "threads": threads,
    }


def command_line(arguments: Sequence[str]) -> str:
    """The command as one may type it in the repository root, free of outside paths."""
    script = Path(arguments[0]).stem
    return " ".join(
        ["python -m", f"benchmarks.{script}", *map(_without_folders, arguments[1:])]
    )


def _without_folders(argument: str) -> str:
    if os.sep not in argument:
        return argument
    path = Path(argument).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.processor()
