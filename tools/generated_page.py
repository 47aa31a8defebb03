"""Pages that a program writes, and the check that they are current.

In: the text that a page should have. Out: the page, or one line that it is stale.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from vaecodec.benchmark.json_files import write_text

ROOT = Path(__file__).parent.parent


def run(arguments: Sequence[str] | None, *, module: str, page: str, text: str) -> int:
    """The whole of a program `module` that writes a page, given from the root.

    Returns its exit code: 1 where `--check` finds that the page says anything else.
    """
    command = f"python -m {module}"
    parser = argparse.ArgumentParser(prog=command, description=f"Write {page}.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--page", type=Path, default=ROOT / page)
    options = parser.parse_args(arguments)
    return update_text(options.page, text, check=options.check, command=command)


def update_text(path: Path, text: str, *, check: bool, command: str) -> int:
    """Write a file, or return 1 where `check` finds another text or none."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print(f"{path.name} is stale: run {command}")
        return 1
    write_text(path, text)
    return 0
