"""Which checkpoint is exported, and which model is refused."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from tests.codec.untrained_model import SIZES
from tools import export_model
from tools.export_model import best_checkpoint, main
from vaecodec.models.checkerboard.networks import klt
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.library import load_model
from vaecodec.training.photographs import load_tiles
from vaecodec.training.trainer import Trainer


@pytest.fixture
def pictures(tmp_path, astronaut, coffee, chelsea):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, samples in enumerate((astronaut, coffee, chelsea)):
        Image.fromarray(samples[:200, :256]).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def checkpoint(tmp_path, pictures):
    """A small model that is the KLT of the pictures, as a run of no steps leaves it."""
    tiles, _ = load_tiles([pictures])
    torch.manual_seed(1)
    model = HierarchicalVae(SIZES)
    klt.initialize(model, list(tiles))
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
    tmp_path, pictures, checkpoint, capsys, monkeypatch
):
    monkeypatch.setattr(export_model, "FIT_QUALITIES", (10, 50, 90))
    monkeypatch.setattr(export_model, "ROUNDS", 1)
    output = tmp_path / "my.safetensors"
    words = ["--data", str(pictures), "--check", str(pictures), "-o", str(output)]
    main([str(checkpoint), *words])
    good = output.read_bytes()
    said = capsys.readouterr()
    assert load_model(output).model_id.hex() in said.out
    steps = ("Loading pictures", "Fitting tables", "Compressing and decompressing")
    places = [said.err.index(step) for step in steps]
    assert places == sorted(places)

    worse = save_worse(checkpoint, "worse.pt")
    with pytest.raises(SystemExit, match=r"refused: .* is better and stays"):
        main([str(worse), *words])
    assert output.read_bytes() == good
    refused = tmp_path / "my.safetensors.new"
    assert load_model(refused).model_id != load_model(output).model_id
    said = capsys.readouterr().out
    assert float(said.split("BD-rate against the model in ")[1].split()[1]) > 1

    # The good one takes the place of the worse one.
    refused.replace(output)
    main([str(checkpoint), *words])
    assert output.read_bytes() == good
    assert not refused.exists()


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
    with pytest.raises(SystemExit, match="was never validated"):
        best_checkpoint([*runs, checkpoint])


def test_a_folder_to_check_on_that_is_not_there_is_bad_usage(tmp_path, capsys):
    words = ["c.pt", "--data", str(tmp_path), "--check", str(tmp_path / "nowhere")]
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "nowhere: not a folder" in capsys.readouterr().err
