"""Folders of pictures, and an exporter that looks at few of them."""

from __future__ import annotations

import pytest
from PIL import Image

from vaecodec.training import fitting, model_check


@pytest.fixture
def pictures(tmp_path, astronaut, coffee, chelsea):
    """A folder with three photographs, one of which is held out of training."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, samples in enumerate((astronaut, coffee, chelsea)):
        Image.fromarray(samples[:200, :256]).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def quick_fitting(monkeypatch):
    monkeypatch.setattr(fitting, "QUALITIES", (10, 50, 90))
    monkeypatch.setattr(fitting, "ROUNDS", 1)
    monkeypatch.setattr(fitting, "BATCHES", 2)
    monkeypatch.setattr(model_check, "QUALITIES", (10, 40, 70, 95))
