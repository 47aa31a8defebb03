"""Where a run of training starts: fresh, from a model file, or where it was left.

In: what the user chose, and the run's folder. Out: a `Trainer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vaecodec.models.library import load_model
from vaecodec.models.networks.trainable import Kind, TrainableModel
from vaecodec.training.architectures import BY_NETWORK, architecture_of
from vaecodec.training.checkpoint import read_checkpoint
from vaecodec.training.photographs import spread
from vaecodec.training.team import Team
from vaecodec.training.trainer import Trainer

FIRST_PICTURES = 400  # that a new model is made from


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a new run begins.

    Attributes:
        network: one of those of all architectures; None takes that of `file`, or the
            smallest.
        kind: what the model is for.
        file: name or path of a model to go on from; None begins with a new one.
        seed: of the weights, and of what is drawn in training.

    Raises:
        ValueError: There is no such network.
    """

    network: str | None
    kind: Kind
    file: str | None
    seed: int

    def __post_init__(self) -> None:
        if self.network not in (None, *BY_NETWORK):
            raise ValueError(
                f"network {self.network!r}, allowed {', '.join(BY_NETWORK)}"
            )


def trainer_of(start: Start, checkpoint: Path, tiles: Tensor, team: Team) -> Trainer:
    """A new run, or the old one if there is a checkpoint.

    Raises:
        FileFailure: The checkpoint is damaged.
        ModelError: The model file is damaged, or there is none.
        ValueError: The model cannot become the network that is asked for, is for other
            samples, or the team cannot share a batch evenly.
    """
    if checkpoint.exists():
        model, state = read_checkpoint(checkpoint, tiles.device)
        _check_samples(model, start.kind)
        trainer = Trainer(model.to(tiles.device), tiles, seed=start.seed, team=team)
        trainer.restore(state)
        print(f"continuing {checkpoint} at step {trainer.step}")
        return trainer
    torch.manual_seed(start.seed)
    model, images = _new(start, tiles) if start.file is None else _stored(start)
    return Trainer(
        model.to(tiles.device),
        tiles,
        seed=start.seed,
        earlier_images=images,
        team=team,
    )


def _new(start: Start, tiles: Tensor) -> tuple[TrainableModel, int]:
    network = start.network or next(iter(BY_NETWORK))
    pictures = list(spread(tiles, FIRST_PICTURES).cpu())
    return BY_NETWORK[network].new(network, start.kind, pictures), 0


def _stored(start: Start) -> tuple[TrainableModel, int]:
    """A stored model, larger or tuned otherwise if asked, and the crops it has seen."""
    file = load_model(start.file)
    own = architecture_of(file)
    model = own.from_file(file)
    _check_samples(model, start.kind)
    architecture = own if start.network is None else BY_NETWORK[start.network]
    crops = file.metadata.get("training_images", "")
    images = int(crops) if crops.isdecimal() else 0
    return architecture.changed(model, start.network, tune=start.kind.tune), images


def _check_samples(model: TrainableModel, kind: Kind) -> None:
    own = model.kind
    if (own.channels, own.depth) != (kind.channels, kind.depth):
        raise ValueError(
            f"the model is for {own.channels} channels of {own.depth} bits, not for "
            f"{kind.channels} of {kind.depth}"
        )
