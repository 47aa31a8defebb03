"""Where a run of training starts: fresh, from a model file, or where it was left.

In: what the user chose, and the run's folder. Out: a `Trainer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vaecodec.models.checkerboard.networks import klt
from vaecodec.models.checkerboard.networks.configuration import (
    BASE,
    NANO,
    SMALL,
    Configuration,
)
from vaecodec.models.checkerboard.networks.growth import grown, relaid
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import from_file
from vaecodec.models.library import load_model
from vaecodec.training.checkpoint import read_checkpoint
from vaecodec.training.photographs import spread
from vaecodec.training.trainer import Trainer

MODELS = {sizes.name: sizes for sizes in (NANO, SMALL, BASE)}
KLT_TILES = 400


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a new run begins.

    Attributes:
        name: of the network, one of `MODELS`; None takes that of `file`, or the
            smallest.
        tune: "eye" or "psnr".
        file: name or path of a model to go on from; None begins with the KLT.
        seed: of the weights, and of what is drawn in training.
    """

    name: str | None
    tune: str
    file: str | None
    seed: int


def trainer_of(start: Start, checkpoint: Path, tiles: Tensor) -> Trainer:
    """A new run, or the old one if there is a checkpoint.

    Raises:
        FileFailure: The checkpoint is damaged.
        ModelError: The model file is damaged, or there is none.
        ValueError: There is no network of this name, or the model cannot become one.
    """
    if checkpoint.exists():
        model, state = read_checkpoint(checkpoint, tiles.device)
        trainer = Trainer(model.to(tiles.device), tiles, seed=start.seed)
        trainer.restore(state)
        print(f"continuing {checkpoint} at step {trainer.step}")
        return trainer
    torch.manual_seed(start.seed)
    model, images = _fresh(start, tiles) if start.file is None else _grown(start)
    return Trainer(
        model.to(tiles.device), tiles, seed=start.seed, earlier_images=images
    )


def _fresh(start: Start, tiles: Tensor) -> tuple[HierarchicalVae, int]:
    model = HierarchicalVae(_sizes(start.name or NANO.name).tuned(start.tune))
    klt.initialize(model, list(spread(tiles, KLT_TILES).cpu()))
    return model, 0


def _grown(start: Start) -> tuple[HierarchicalVae, int]:
    """A stored model, deeper or tuned otherwise if asked, and the crops it has seen."""
    file = load_model(start.file)
    model, images = from_file(file), int(file.metadata["training_images"])
    if start.name is not None:
        model = grown(model, _sizes(start.name))
    if model.sizes != model.sizes.tuned(start.tune):
        model = relaid(model, model.sizes.tuned(start.tune))
    return model, images


def _sizes(name: str) -> Configuration:
    if name not in MODELS:
        raise ValueError(f"model {name!r}, allowed {', '.join(MODELS)}")
    return MODELS[name]
