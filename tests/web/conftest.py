"""Runs the decoder of `web/` in Node, where that is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OLDEST = 18

RunNode = Callable[..., str]


@pytest.fixture(scope="session")
def run_node() -> RunNode:
    """Run a script of this folder; returns what it prints."""
    node = shutil.which("node")
    if node is None or _version(node) < OLDEST:
        pytest.skip(f"no Node {OLDEST} or newer")

    def run(script: str, *words: Path | str) -> str:
        command = [node, HERE / script, *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _version(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return int(told.strip().lstrip("v").partition(".")[0] or 0)
