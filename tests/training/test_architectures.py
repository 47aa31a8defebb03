"""Another architecture is trained without a changed line outside of its own."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import vaecodec.training
from tests.models.checkerboard.networks.conftest import photograph_tiles
from vaecodec.errors import ModelError
from vaecodec.models.model_file import pack_model
from vaecodec.models.networks.trainable import (
    Coded,
    Kind,
    TrainableArchitecture,
    TrainableModel,
)
from vaecodec.training import architectures, trainer
from vaecodec.training.checkpoint import read_trained
from vaecodec.training.photographs import spread
from vaecodec.training.start import Start, trainer_of
from vaecodec.training.team import Team
from vaecodec.training.validation import Validator


class Means(TrainableModel):
    """Codes the means of blocks, at a rate that falls with a width it learns."""

    architecture = "means"

    def __init__(self, side):
        super().__init__()
        self.side = side
        self.log_step = nn.Parameter(torch.tensor(1.0))

    @property
    def kind(self):
        return Kind("psnr")

    def forward(self, image, quality, *, hard=False):
        means = functional.avg_pool2d(image, self.side)
        noise = self.log_step.exp() / 255 * (torch.rand_like(means) - 0.5)
        rate = (8 - self.log_step).expand(len(image)) / self.side**2
        decoded = functional.interpolate(means + noise, scale_factor=self.side)
        return Coded({"only": rate}, decoded)

    def lmbda(self, quality):
        return 0.01 + quality / 1000

    def sender_parts(self):
        return ()

    def learning_rate_factor(self, parameter):
        return 1.0

    def to_json(self):
        return json.dumps(self.side)

    def lay_ladder(self, ladder):
        raise AssertionError("a model for PSNR keeps its ladder")


class TrainableMeans(TrainableArchitecture[Means]):
    name = "means"
    networks = ("blocks",)

    def new(self, network, kind, pictures):
        return Means(side=16)

    def changed(self, model, network, *, tune):
        return model

    def empty(self, configuration):
        return Means(json.loads(configuration))

    def from_file(self, file):
        raise NotImplementedError

    def to_file(self, model, *, counts, training_images):
        raise NotImplementedError


@pytest.fixture
def one_more(monkeypatch):
    one = TrainableMeans()
    monkeypatch.setitem(architectures.ARCHITECTURES, one.name, one)
    monkeypatch.setitem(architectures.BY_NETWORK, "blocks", one)
    monkeypatch.setattr(trainer, "EARLY_CROPS", (2, 64))


def test_it_is_chosen_trained_validated_and_continued(one_more, tmp_path):
    path, tiles = tmp_path / "checkpoint.pt", photograph_tiles()
    start = Start(network="blocks", kind=Kind("psnr"), file=None, seed=1)
    run = trainer_of(start, path, tiles, Team())
    before = run.model.log_step.item()
    terms = run.advance(0.0)
    assert list(terms.rates) == ["only"]
    assert run.model.log_step.item() != before
    run.save(path)
    model, images = read_trained(path)
    assert (model.side, images) == (16, 2)
    assert trainer_of(start, path, tiles, Team()).step == 1
    report = Validator(spread(tiles, 1)).measure(model)
    assert list(report.rates) == ["only"]


def test_a_run_goes_on_with_samples_of_its_own_kind_only(one_more, tmp_path):
    path, tiles = tmp_path / "checkpoint.pt", photograph_tiles()
    start = Start(network="blocks", kind=Kind("psnr"), file=None, seed=1)
    trainer_of(start, path, tiles, Team()).save(path)
    other = dataclasses.replace(start, kind=Kind("psnr", 3, 12))
    message = "the model is for 3 channels of 8 bits, not for 3 of 12"
    with pytest.raises(ValueError, match=message):
        trainer_of(other, path, tiles, Team())


def test_networks_with_an_exact_receiver_are_for_pictures_only():
    architecture = architectures.BY_NETWORK["exact"]
    with pytest.raises(ValueError, match="'exact' is for pictures only"):
        architecture.new("exact", Kind("psnr", 5), [])


def test_a_model_that_cannot_be_trained_is_named(tmp_path):
    path = tmp_path / "other.safetensors"
    tensors = {"any": np.zeros(1, np.float32)}
    path.write_bytes(pack_model(tensors, {"architecture": "unheard of"}))
    start = Start(network=None, kind=Kind("eye"), file=str(path), seed=1)
    with pytest.raises(ModelError, match="'unheard of', trainable are checkerboard"):
        trainer_of(start, tmp_path / "checkpoint.pt", photograph_tiles(), Team())


def test_training_knows_architectures_by_their_registry_alone():
    folder = Path(vaecodec.training.__file__).parent
    knowing = [
        path.name for path in folder.glob("*.py") if "checkerboard" in path.read_text()
    ]
    assert sorted(knowing) == ["architectures.py"]
