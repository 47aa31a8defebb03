"""Checkpoints of a run: all that its next step depends on, in one file.

In: the state of a `Trainer`; out: a file, and back. The file lies in the folder of the
run, beside the log.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from vaecodec.cli.messages import EXIT_DATA, FileFailure
from vaecodec.models.networks.trainable import TrainableModel
from vaecodec.training.architectures import ARCHITECTURES, EARLIEST

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
State = dict[str, Any]


def write_checkpoint(path: Path, state: State) -> None:
    """Write the state of a trainer; a crash on the way leaves the file before it."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def read_checkpoint(
    path: Path, device: torch.device | str = "cpu"
) -> tuple[TrainableModel, State]:
    """What `write_checkpoint` wrote, and a model of its kind, with other weights.

    Raises:
        FileFailure: The file is damaged, or something else.
        OSError: It cannot be read.
    """
    with _failures(path):
        state = torch.load(path, weights_only=True, map_location=device)
        return _empty_model(state), state


def read_trained(path: Path) -> tuple[TrainableModel, int]:
    """The averaged model of a checkpoint, and how many crops it has seen.

    Raises:
        FileFailure: The file is damaged, or something else.
        OSError: It cannot be read.
    """
    model, state = read_checkpoint(path)
    with _failures(path):
        model.load_state_dict(state["average"])
        _, images, earlier_images, _ = state["counters"]
    return model, images + earlier_images


def _empty_model(state: State) -> TrainableModel:
    if "sizes" in state:  # written before there were several architectures
        state = {"architecture": EARLIEST, "configuration": state["sizes"]}
    return ARCHITECTURES[state["architecture"]].empty(state["configuration"])


@contextlib.contextmanager
def _failures(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # torch raises whatever it stumbles over
        # Of a file that may be a program, torch's message tells how to run it.
        detail = "" if isinstance(error, pickle.UnpicklingError) else f": {error}"
        reason = f"no checkpoint of a training run{detail}"
        raise FileFailure(path, reason, EXIT_DATA) from error
