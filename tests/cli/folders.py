"""Looking at what a command left behind."""

from __future__ import annotations

from pathlib import Path

import pytest


def names(folder: Path) -> list[str]:
    """Every file and folder below a folder, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was said on stderr: exactly one line, and nothing on stdout."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.endswith("\n")
    return said.err.strip()
