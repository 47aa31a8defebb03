"""The kernels in the repository are what their sources compile to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "web" / "kernels"
COMPILER = "Debian clang version 14.0.6"


def test_the_kernels_are_built_from_their_sources(tmp_path: Path) -> None:
    if not shutil.which("clang") or not shutil.which("wasm-ld"):
        pytest.skip("no clang and wasm-ld")
    told = subprocess.run(["clang", "--version"], capture_output=True, text=True).stdout
    if not told.startswith(COMPILER):
        pytest.skip(f"another compiler than {COMPILER}")
    subprocess.run([FOLDER / "build.sh", tmp_path / "built.wasm"], check=True)
    built = (tmp_path / "built.wasm").read_bytes()
    assert built == (FOLDER / "kernels.wasm").read_bytes()
