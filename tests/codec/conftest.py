from __future__ import annotations

from pathlib import Path

import pytest

from tests.codec.untrained_model import untrained_model
from vaecodec.codec.codec_model import CodecModel, model_to_compress


@pytest.fixture(scope="session")
def untrained_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small model that was never trained."""
    path = tmp_path_factory.mktemp("models") / "untrained.safetensors"
    path.write_bytes(untrained_model())
    return path


@pytest.fixture
def untrained(untrained_path: Path) -> CodecModel:
    return model_to_compress(untrained_path, threads=1)


@pytest.fixture
def shipped() -> CodecModel:
    return model_to_compress(None, threads=1)
