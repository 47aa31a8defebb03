from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.codec.untrained_model import untrained_model
from vaecodec.benchmark.images import BenchmarkImage


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that was never trained: measuring needs no good one."""
    path = tmp_path_factory.mktemp("models") / "untrained.safetensors"
    path.write_bytes(untrained_model())
    return path


@pytest.fixture(scope="session")
def unchanged_folder(
    tmp_path_factory: pytest.TempPathFactory,
    photograph: Callable[[str], Image.Image],
) -> Path:
    """Three parts of photographs of 192x176 pixels, one of them gray; and a text."""
    pictures = tmp_path_factory.mktemp("shared") / "pictures"
    pictures.mkdir()
    astronaut = photograph("astronaut")
    parts = {
        "cup.png": photograph("coffee").crop((200, 100, 392, 276)),
        "face.png": astronaut.crop((140, 20, 332, 196)),
        "gray.png": astronaut.crop((140, 200, 332, 376)).convert("L"),
    }
    for name, picture in parts.items():
        picture.save(pictures / name)
    (pictures / "notes.txt").write_text("no image")
    return pictures


@pytest.fixture
def folder(tmp_path: Path, unchanged_folder: Path) -> Path:
    """The same pictures in a folder that a test may change."""
    return Path(shutil.copytree(unchanged_folder, tmp_path / "pictures"))


@pytest.fixture
def face(astronaut: NDArray[np.uint8]) -> BenchmarkImage:
    """A face, 96x80 pixels."""
    pixels = np.ascontiguousarray(astronaut[60:140, 180:276])
    return BenchmarkImage("face.png", pixels)
