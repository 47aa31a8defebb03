"""The example that trains a model for many channels, in a few steps."""

from __future__ import annotations

import runpy
from pathlib import Path

from tests.codec.untrained_model import SIZES
from vaecodec.models.checkerboard.networks import training as checkerboard
from vaecodec.training import trainer
from vaecodec.training.checkpoint import read_trained

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "multispectral.py"


def test_bands_are_drawn_learned_and_compressed(
    tmp_path, monkeypatch, capsys, quick_fitting
):
    monkeypatch.setitem(checkerboard.NETWORKS, "nano", SIZES)
    monkeypatch.setattr(trainer, "EARLY_CROPS", (2, 64))
    monkeypatch.setattr(trainer, "LATE_CROPS", (2, 64))
    example = runpy.run_path(str(EXAMPLE))
    settings = {"IMAGES": 2, "BANDS": 4, "SIDE": 128}
    draw = example["draw"]
    monkeypatch.setattr(draw, "__defaults__", (settings["SIDE"],))
    for name, value in settings.items():
        monkeypatch.setitem(draw.__globals__, name, value)
    example["main"](tmp_path, ["--images", "4"])
    model, images = read_trained(tmp_path / "run" / "checkpoint.pt")
    assert (model.kind.channels, model.kind.depth, images) == (4, 12, 4)
    lines = capsys.readouterr().out.splitlines()
    assert "1 tiles to train on, 1 to validate with" in lines[0]
    found = [line.split() for line in lines if "bits per sample" in line]
    sizes = [float(words[words.index("bits") - 1]) for words in found]
    errors = [float(words[-1]) for words in found[1:]]
    assert sizes[1] < sizes[2] < sizes[3] < sizes[0]
    assert errors[0] > errors[1] > errors[2]
