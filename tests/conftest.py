"""Real photographs for every test: those that come inside scikit-image's wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a fresh Python in the current folder, with this checkout's package."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    return run


def photograph_path(name: str) -> Path:
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "data" / f"{name}.png"


@pytest.fixture(scope="session")
def photograph() -> Callable[[str], Image.Image]:
    """Open one by name: astronaut, coffee, chelsea (RGB) or camera (gray)."""

    def open_photograph(name: str) -> Image.Image:
        with Image.open(photograph_path(name)) as image:
            image.load()
            return image

    return open_photograph


@pytest.fixture
def astronaut(photograph: Callable[[str], Image.Image]) -> NDArray[np.uint8]:
    """RGB, uint8 [512, 512, 3]."""
    return np.array(photograph("astronaut"))


@pytest.fixture
def camera(photograph: Callable[[str], Image.Image]) -> NDArray[np.uint8]:
    """Gray, uint8 [512, 512]."""
    return np.array(photograph("camera"))


@pytest.fixture
def coffee(photograph: Callable[[str], Image.Image]) -> NDArray[np.uint8]:
    """RGB, uint8 [400, 600, 3]."""
    return np.array(photograph("coffee"))


@pytest.fixture
def chelsea(photograph: Callable[[str], Image.Image]) -> NDArray[np.uint8]:
    """RGB, uint8 [300, 451, 3]: neither side is a multiple of 16."""
    return np.array(photograph("chelsea"))
