"""A stranger's first model: train on a folder, export, compress with the result."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from vaecodec import inspect
from vaecodec.cli import main
from vaecodec.models.library import load_model


@pytest.fixture
def pictures(tmp_path, astronaut, coffee, chelsea):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, samples in enumerate((astronaut, coffee, chelsea)):
        Image.fromarray(samples[:160, :200]).save(folder / f"{number}.png")
    return folder


def train(run_python, folder, *more, images, run="run"):
    tool = str(ROOT / "tools" / "train.py")
    options = ["--data", str(folder), "--run", run, "--images", str(images)]
    return run_python(tool, *options, *more)


def logged(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_model_can_be_trained_exported_and_used(
    tmp_path, monkeypatch, run_python, pictures
):
    monkeypatch.chdir(tmp_path)
    first = train(run_python, pictures, images=16)
    assert first.returncode == 0, first.stderr
    assert "2 tiles to train on, 1 to validate with" in first.stdout
    again = train(run_python, pictures, images=32)
    assert again.returncode == 0, again.stderr
    assert "continuing" in again.stdout
    rows = logged(tmp_path / "run")
    assert [row["images"] for row in rows] == [16, 32]
    assert all(np.isfinite(row["log_objective"]) for row in rows)

    tool = str(ROOT / "tools" / "export_model.py")
    words = [tool, "run/checkpoint.pt", "--data", str(pictures), "-o", "my.safetensors"]
    exported = run_python(*words)
    assert exported.returncode == 0, exported.stderr
    assert load_model("my.safetensors").metadata["training_images"] == "32"

    picture = str(pictures / "2.png")
    model = ["--model", "my.safetensors"]
    assert main(["compress", picture, "-q", "90", "-o", "a.vaec", *model]) == 0
    assert main(["decompress", "a.vaec", "-o", "a.png", *model]) == 0
    with Image.open("a.png") as found, Image.open(picture) as expected:
        difference = np.asarray(found, float) - np.asarray(expected)
    assert 10 * np.log10(255**2 / np.mean(difference**2)) > 36
    data = (tmp_path / "a.vaec").read_bytes()
    assert len(data) < difference.size / 4
    assert inspect(data).model_id in exported.stdout

    # The model is found by its id as well, and not replaced by another.
    assert main(["decompress", "a.vaec", "-o", "b.png"]) == 5
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    assert main(["decompress", "a.vaec", "-o", "b.png"]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()

    start = ["--start", "my.safetensors", "--model", "small"]
    deeper = train(run_python, pictures, *start, images=16, run="deeper")
    assert deeper.returncode == 0, deeper.stderr
    [row] = logged(tmp_path / "deeper")
    assert row["images"] == 32 + 16
    # Steps at the rate of a warm-up change little: it goes on from what was learned.
    assert row["log_objective"] < rows[-1]["log_objective"] + 0.1


def test_a_missing_folder_is_bad_usage(tmp_path, monkeypatch, run_python):
    monkeypatch.chdir(tmp_path)
    result = train(run_python, tmp_path / "nowhere", images=16)
    assert result.returncode == 2
    assert "not a folder" in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_folder_with_too_few_pictures_is_explained(
    tmp_path, monkeypatch, run_python, pictures
):
    monkeypatch.chdir(tmp_path)
    for name in ("1.png", "2.png"):
        (pictures / name).unlink()
    result = train(run_python, pictures, images=16)
    assert result.returncode == 1
    assert "too few pictures" in result.stderr
    assert "Traceback" not in result.stderr


def test_pictures_are_drawn_from_the_prior_and_differ_by_seed(tmp_path, run_python):
    sheets = []
    for seed in (1, 2, 1):
        path = tmp_path / "sheet.png"
        words = ["--cells", "1", "--seed", str(seed), "-o", str(path)]
        drawn = run_python(str(ROOT / "tools" / "sample.py"), *words)
        assert drawn.returncode == 0, drawn.stderr
        with Image.open(path) as sheet:
            sheets.append(np.asarray(sheet))
    assert sheets[0].shape == (5 * 64 + 6 * 8, 4 * 64 + 5 * 8, 3)
    assert (sheets[0] == sheets[2]).all()
    assert (sheets[0] != sheets[1]).any()
