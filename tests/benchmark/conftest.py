from __future__ import annotations

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


@pytest.fixture
def folder(
    tmp_path: Path, astronaut: NDArray[np.uint8], coffee: NDArray[np.uint8]
) -> Path:
    """Three parts of photographs of 192x176 pixels, one of them gray; and a text."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    parts = {
        "cup.png": Image.fromarray(coffee[100:276, 200:392]),
        "face.png": Image.fromarray(astronaut[20:196, 140:332]),
        "gray.png": Image.fromarray(astronaut[200:376, 140:332]).convert("L"),
    }
    for name, picture in parts.items():
        picture.save(pictures / name)
    (pictures / "notes.txt").write_text("no image")
    return pictures


@pytest.fixture
def face(astronaut: NDArray[np.uint8]) -> BenchmarkImage:
    """A face, 96x80 pixels."""
    pixels = np.ascontiguousarray(astronaut[60:140, 180:276])
    return BenchmarkImage("face.png", pixels)
