"""Which checkpoint is exported, and which model is refused."""

from __future__ import annotations

import io
import json

import pytest
import torch

from tests.codec.untrained_model import SIZES, untrained_model
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.cli.messages import FileFailure
from vaecodec.models.checkerboard.networks import first_step
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.library import load_model
from vaecodec.training import model_check
from vaecodec.training.export import best_checkpoint
from vaecodec.training.photographs import load_tiles
from vaecodec.training.program import main
from vaecodec.training.trainer import Trainer


@pytest.fixture
def checkpoint(tmp_path, pictures):
    """A small model that is the KLT of the pictures, as a run of no steps leaves it."""
    tiles, _ = load_tiles([pictures])
    torch.manual_seed(1)
    model = HierarchicalVae(SIZES)
    first_step.initialize(model, list(tiles))
    path = tmp_path / "checkpoint.pt"
    Trainer(model, tiles, seed=1).save(path)
    return path


def save_worse(checkpoint, name):
    """The same model with a noisier synthesis transform."""
    state = torch.load(checkpoint, weights_only=True)
    bypass = state["average"]["synthesis.bypass.weight"]
    bypass += 3e-3 * torch.randn(bypass.shape, generator=torch.manual_seed(2))
    path = checkpoint.with_name(name)
    torch.save(state, path)
    return path


def test_a_model_that_is_worse_than_the_last_one_is_refused(
    tmp_path, pictures, checkpoint, capsys, quick_fitting
):
    output = tmp_path / "my.safetensors"
    words = ["--data", str(pictures), "--check", str(pictures), "-o", str(output)]
    assert main(["export", str(checkpoint), *words]) == 0
    good = output.read_bytes()
    said = capsys.readouterr()
    assert load_model(output).model_id in said.out
    steps = ("Loading pictures", "Fitting tables", "Compressing and decompressing")
    places = [said.err.index(step) for step in steps]
    assert places == sorted(places)

    worse = save_worse(checkpoint, "worse.pt")
    assert main(["export", str(worse), *words]) == 1
    assert output.read_bytes() == good
    refused = tmp_path / "my.safetensors.new"
    assert load_model(refused).model_id != load_model(output).model_id
    said = capsys.readouterr()
    assert f"{refused}: refused: {output} is better and stays\n" in said.err
    assert float(said.out.split("BD-rate against the model in ")[1].split()[1]) > 1

    # The good one takes the place of the worse one.
    refused.replace(output)
    assert main(["export", str(checkpoint), *words]) == 0
    assert output.read_bytes() == good
    assert not refused.exists()


def test_a_model_that_fails_at_one_quality_is_refused(
    tmp_path, pictures, monkeypatch, quick_fitting
):
    path = tmp_path / "any.safetensors"
    path.write_bytes(untrained_model())
    compress = Vaecodec.compress

    def fail_once(codec, image, quality):
        if quality == model_check.QUALITIES[1]:
            raise ValueError("why")
        return compress(codec, image, quality)

    monkeypatch.setattr(Vaecodec, "compress", fail_once)
    with pytest.raises(FileFailure, match=r"refused: .*0\.png at quality 40: .*why"):
        model_check.refuse_worse(path, path, pictures, metric="psnr-rgb")


def test_the_checkpoint_with_the_best_validation_is_taken(tmp_path, checkpoint):
    runs = []
    for name, objectives in {"a": (-0.1, -0.5), "b": (-0.2, -0.4)}.items():
        folder = tmp_path / name
        folder.mkdir()
        rows = [
            {"images": images, "log_objective": objective}
            # The last row is of a checkpoint to come.
            for images, objective in zip((0, 16), objectives, strict=True)
        ]
        (folder / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
        runs.append(folder / "checkpoint.pt")
        runs[-1].write_bytes(checkpoint.read_bytes())
    assert best_checkpoint(runs) == runs[1]
    assert best_checkpoint([checkpoint]) == checkpoint
    with pytest.raises(FileFailure, match="has no validation of it"):
        best_checkpoint([*runs, checkpoint])


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"no checkpoint",
        lambda data: _saved({"sizes": "{}"}),
        lambda data: _saved({"sizes": '{"latent_channels": "many"}'}),
        lambda data: _saved([1, 2]),
    ],
    ids=["empty", "cut", "text", "no weights", "other sizes", "a list"],
)
def test_a_file_that_is_no_checkpoint_is_named_in_one_line(
    tmp_path, pictures, checkpoint, capsys, damage
):
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))
    output = tmp_path / "my.safetensors"
    words = ["--data", str(pictures), "-o", str(output)]
    assert main(["export", str(checkpoint), *words]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert f"{checkpoint}: no checkpoint of a training run" in line
    assert "torch.load" not in line  # which would run a hostile file
    assert not output.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--check", "nowhere"],
        ["--data", "nowhere"],
        ["-o", "nowhere/my.safetensors"],
    ],
)
def test_a_folder_that_is_not_there_is_named(
    tmp_path, monkeypatch, pictures, checkpoint, capsys, words
):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "checkpoint.pt", "--data", "pictures", *words]) == 3
    assert "nowhere: No such file or directory\n" in capsys.readouterr().err


def _saved(content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()
