"""Models for the tests of this architecture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.models.quadrants.small_model import small_file, small_model
from vaecodec.models.architecture import Quality
from vaecodec.models.model_file import ModelFile
from vaecodec.models.quadrants.architecture import QuadrantArchitecture


@pytest.fixture(scope="session")
def file() -> ModelFile:
    return small_file()


@pytest.fixture(scope="session")
def architecture(file: ModelFile) -> QuadrantArchitecture:
    return QuadrantArchitecture(file)


@pytest.fixture
def model_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of a model, found by its ids like any other."""
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    path = tmp_path / "small.safetensors"
    path.write_bytes(small_model())
    return path


def everywhere(quality: int) -> Quality:
    """The same quality in all cells."""
    return np.full((1, 1), quality, np.uint8)
