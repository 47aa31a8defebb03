"""A stranger's first model: train on a folder, export, compress with the result."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from vaecodec import cli, inspect
from vaecodec.models.library import load_model
from vaecodec.training import program
from vaecodec.training.program import main


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def train(*more, images, run="run"):
    budget = ["--run", run, "--images", str(images)]
    return main(["train", "--data", "pictures", *budget, *more])


def logged(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_model_can_be_trained_exported_and_used(
    tmp_path, monkeypatch, capsys, pictures, quick_fitting
):
    assert train(images=16) == 0
    assert "2 tiles to train on, 1 to validate with" in capsys.readouterr().out
    assert train(images=32) == 0
    assert "continuing" in capsys.readouterr().out
    rows = logged(tmp_path / "run")
    assert [row["images"] for row in rows] == [16, 32]
    assert all(np.isfinite(row["log_objective"]) for row in rows)

    words = ["run/checkpoint.pt", "--data", "pictures", "-o", "my.safetensors"]
    assert main(["export", *words]) == 0
    model_id = capsys.readouterr().out.split()[-1]
    assert load_model("my.safetensors").metadata["training_images"] == "32"

    picture = "pictures/2.png"
    model, painter = ([option, "my.safetensors"] for option in ("--model", "--painter"))
    assert cli.main(["compress", picture, "-q", "90", "-o", "a.vaec", *model]) == 0
    assert cli.main(["decompress", "a.vaec", "-o", "a.png", *painter]) == 0
    with Image.open("a.png") as found, Image.open(picture) as expected:
        difference = np.asarray(found, float) - np.asarray(expected)
    assert 10 * np.log10(255**2 / np.mean(difference**2)) > 36
    data = (tmp_path / "a.vaec").read_bytes()
    assert len(data) < difference.size / 4
    info = inspect(data)
    assert f"{info.stream_id}-{info.painter_id}" == model_id

    # The model is found by its id as well, and not replaced by another.
    assert cli.main(["decompress", "a.vaec", "-o", "b.png"]) == 5
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    assert cli.main(["decompress", "a.vaec", "-o", "b.png"]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()

    start = ["--start", "my.safetensors", "--network", "small"]
    assert train(*start, images=16, run="deeper") == 0
    [row] = logged(tmp_path / "deeper")
    assert row["images"] == 32 + 16
    # Steps at the rate of a warm-up change little: it goes on from what was learned.
    assert row["log_objective"] < rows[-1]["log_objective"] + 0.1


@pytest.mark.parametrize("command", ["", "train", "export", "lossless", "sample"])
def test_help_needs_no_pytorch(run_python, command):
    refuse = "import sys; sys.modules['torch'] = None"
    words = [*command.split(), "--help"]
    code = f"{refuse}; from vaecodec.training.program import main; main({words})"
    shown = run_python("-c", code)
    assert shown.stderr == ""
    assert f"Usage: python -m vaecodec.training {command}".rstrip() in shown.stdout


def test_the_program_runs_as_a_module(run_python):
    shown = run_python("-m", "vaecodec.training", "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "train" in shown.stdout
    wrong = run_python("-m", "vaecodec.training", "trane")
    assert wrong.returncode == 2
    assert "No such command 'trane'" in wrong.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["train", "--data", "pictures", "--images", "1"],
        ["export", "checkpoint.pt", "--data", "pictures"],
    ],
)
def test_what_to_install_is_said_where_pytorch_is_missing(monkeypatch, capsys, words):
    monkeypatch.setattr(program, "find_spec", lambda _: None)
    assert main(words) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "pip install 'vaecodec[train]'" in line


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["--data", "nowhere", "--images", "1"], 3, "nowhere: No such file"),
        (["--data", "pictures"], 2, "give either --minutes or --images"),
        (["--data", "pictures", "--minutes", "nan"], 2, "nan is not in the range"),
        (["--data", "pictures", "--images", "0"], 2, "0 is not in the range"),
        (
            ["--data", "pictures", "--images", "1", "--network", "huge"],
            2,
            "network 'huge', allowed nano, small, base",
        ),
        (
            ["--data", "pictures", "--images", "1", "--start", "none.safetensors"],
            5,
            "model 'none.safetensors' cannot be read",
        ),
        (
            [
                *("--data", "pictures", "--images", "1"),
                *("--start", "standard", "--network", "base"),
            ],
            2,
            "has no place in a model 'base'",
        ),
    ],
)
def test_what_cannot_be_trained_is_explained(
    tmp_path, capsys, pictures, words, code, reason
):
    assert main(["train", *words]) == code
    [line] = capsys.readouterr().err.splitlines()
    assert reason in line
    assert not (tmp_path / "runs").exists()


def test_a_folder_with_too_few_pictures_is_explained(tmp_path, capsys, pictures):
    for name in ("1.png", "2.png"):
        (pictures / name).unlink()
    assert train(images=16) == 1
    assert "too few pictures" in capsys.readouterr().err


def test_a_damaged_picture_is_named(tmp_path, capsys, pictures):
    path = pictures / "1.png"
    path.write_bytes(path.read_bytes()[:1000])
    assert train(images=16) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "1.png: " in line


def test_pictures_are_drawn_from_the_prior_and_differ_by_seed():
    sheets = []
    for seed in (1, 2, 1):
        words = ["--cells", "1", "--seed", str(seed), "-o", "sheet.png"]
        assert main(["sample", *words]) == 0
        with Image.open("sheet.png") as sheet:
            sheets.append(np.asarray(sheet))
    assert sheets[0].shape == (5 * 64 + 6 * 8, 4 * 64 + 5 * 8, 3)
    assert (sheets[0] == sheets[2]).all()
    assert (sheets[0] != sheets[1]).any()


def test_a_sheet_of_one_picture_varies_it_and_one_of_two_leads_between_them(pictures):
    one, other = str(pictures / "0.png"), str(pictures / "1.png")
    for words, rows in (([one], 2), ([one, other], 5)):
        assert main(["sample", *words, "--cells", "1", "-o", "sheet.png"]) == 0
        with Image.open("sheet.png") as sheet:
            assert sheet.size == (4 * 64 + 5 * 8, rows * 64 + (rows + 1) * 8)


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["1.png", "2.png", "3.png"], 2, "3 pictures, at most 2"),
        (["none.png"], 3, "none.png: No such file"),
        (["pictures"], 3, "pictures: Is a directory"),
        (["--temperature", "nan"], 2, "temperature nan, allowed 0..2"),
    ],
)
def test_what_cannot_be_sampled_is_explained(
    tmp_path, capsys, pictures, words, code, reason
):
    assert main(["sample", *words, "-o", "sheet.png"]) == code
    [line] = capsys.readouterr().err.splitlines()
    assert reason in line
    assert not (tmp_path / "sheet.png").exists()


def test_a_sheet_needs_the_suffix_of_an_image(tmp_path, capsys):
    assert main(["sample", "-o", "sheet.doc"]) == 2
    assert "sheet.doc: not a kind of image" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
