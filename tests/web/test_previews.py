"""Previews are those of Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.models.quadrants.small_model import small_model
from tests.web.conftest import RunNode
from tests.web.pictures import as_rgba, valid_files
from vaecodec.api import decode


def test_previews_of_lossy_files_are_those_of_python(
    tmp_path: Path, run_node: RunNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(small_model())
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    for name, data in valid_files(model):
        (tmp_path / f"{name}.vaec").write_bytes(data)
    run_node("preview_files.mjs", model, tmp_path)
    lossless = {path.name.partition(".")[0] for path in tmp_path.glob("*.refused")}
    names = {path.stem for path in tmp_path.glob("*.vaec")} - lossless
    for name in names:
        expected = as_rgba(decode(tmp_path / f"{name}.vaec", preview=8))
        found = np.fromfile(tmp_path / f"{name}.preview.rgba", np.uint8)
        assert np.array_equal(found.reshape(expected.shape), expected), name
    assert len(names) == 10
    assert all(name.startswith(("lossless", "near")) for name in lossless)
