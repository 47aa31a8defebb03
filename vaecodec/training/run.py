"""A run of training: step until its budget is used up, save, and tell how it goes.

In: folders of pictures. Out: a checkpoint and a log, in the folder of the run. A run
stops by itself, saves when it is interrupted, continues from its checkpoint when it is
started again, and is validated on pictures that it does not learn from.
"""

from __future__ import annotations

import contextlib
import json
import math
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vaecodec.training.arrays import load_samples
from vaecodec.training.checkpoint import CHECKPOINT, LOG
from vaecodec.training.photographs import spread
from vaecodec.training.speed import matrix_peak, training_operations
from vaecodec.training.start import Start, trainer_of
from vaecodec.training.team import joined_team
from vaecodec.training.terms import Terms
from vaecodec.training.trainer import Trainer
from vaecodec.training.validation import QUALITIES, Report, Validator, psnr_db

SAVE_SECONDS = 600.0
FEW_TILES = 24
PRINT_STEPS = 50


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a run may use over all its starts: minutes of training, or crops to see."""

    minutes: float | None
    images: int | None

    def used(self, trainer: Trainer) -> float:
        """Share that is used up; 1 and more: all of it."""
        if self.images is not None:
            return trainer.images / self.images
        assert self.minutes is not None
        return trainer.seconds / (60 * self.minutes)


def train(folders: Sequence[Path], run: Path, budget: Budget, start: Start) -> None:
    """Train in the folder `run` on the pictures of `folders`.

    Raises:
        ImageError: There are too few pictures, or one is damaged.
        ModelError: The model to start from is damaged, or there is none.
        OSError: A folder cannot be read or written.
        ValueError: There is no network of the name asked for.
    """
    with joined_team() as team:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        tiles, held_out = load_samples(folders, start.kind)
        place = f"{team.size} processes on {device}" if team.size > 1 else f"{device}"
        counts = f"{len(tiles)} tiles to train on, {len(held_out)} to validate with"
        print(f"{counts}, {place}")
        trainer = trainer_of(start, run / CHECKPOINT, tiles.to(device), team)
        run.mkdir(parents=True, exist_ok=True)
        advance(trainer, held_out.to(device), budget, run)


def advance(trainer: Trainer, held_out: Tensor, budget: Budget, run: Path) -> None:
    """Step until the budget is used up; save and validate on the way and at the end.

    On the way a few of the tiles held out are enough to see how it goes.
    """
    few, all_of_them = Validator(spread(held_out, FEW_TILES)), Validator(held_out)
    saved, speed = time.monotonic(), Speed(trainer)
    with _asked_to_stop() as asked:
        while (progress := _progress(trainer, budget, asked)) < 1:
            start = time.monotonic()
            terms = trainer.advance(progress)
            trainer.seconds += time.monotonic() - start
            if trainer.step % PRINT_STEPS == 0:
                rates = _terms_line(terms)  # waits for the device
                line = f"step {trainer.step}  {100 * progress:.1f} %  "
                print(f"{line}{speed.line(progress)}  {rates}", flush=True)
            if time.monotonic() - saved > SAVE_SECONDS:
                _keep(trainer, few, run)
                saved = time.monotonic()
        _keep(trainer, all_of_them, run)


def _progress(trainer: Trainer, budget: Budget, asked: threading.Event) -> float:
    """Share of the budget that is used up, the same in all processes of a team."""
    used = math.inf if asked.is_set() else budget.used(trainer)
    [progress] = trainer.team.largest(used, device=trainer.device)
    return progress


def _keep(trainer: Trainer, validator: Validator, run: Path) -> None:
    """Save and validate, in one process of a team."""
    if trainer.team.rank == 0:
        trainer.save(run / CHECKPOINT)
        report(trainer, validator, run)


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event that is set by ^C and SIGTERM, which end nothing in the meantime."""
    asked = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: asked.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    yield asked
    for number, handler in before.items():
        signal.signal(number, handler)


class Speed:
    """Crops per second since the line before, and what that is of a chip's peak."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        operations = training_operations(trainer.model)
        self._share_per_pixel = operations / matrix_peak(trainer.device)
        self._printed = time.monotonic()

    def line(self, progress: float) -> str:
        """Asked for after every `PRINT_STEPS` steps."""
        count, side = self._trainer.crops(progress)
        before, self._printed = self._printed, time.monotonic()
        speed = PRINT_STEPS * count / (self._printed - before)
        share = speed * side**2 * self._share_per_pixel
        return f"{speed:.1f} crops/s  {100 * share:.1f} % of peak"


def _terms_line(terms: Terms) -> str:
    rates = {name: rate.mean().item() for name, rate in terms.rates.items()}
    parts = ", ".join(f"{name} {rate:.3f}" for name, rate in rates.items())
    psnr = psnr_db(terms.mse_255.mean().item())
    return f"{sum(rates.values()):.3f} bpp ({parts})  {psnr:.2f} dB"


def report(trainer: Trainer, validator: Validator, run: Path) -> None:
    """Print how the averaged model does on held-out pictures, and log it."""
    result = validator.measure(trainer.average)
    for quality, (rate, psnr) in zip(QUALITIES, result.curve, strict=True):
        print(f"  quality {quality:3d}: {rate:.4f} bpp, {psnr:.2f} dB")
    jpeg = ""
    if result.bd_rate is not None:
        jpeg = f", about {result.bd_rate:+.1f} % against JPEG"
    print(
        f"validation after {trainer.images} images, {trainer.seconds / 60:.1f} min: "
        f"log J {result.log_objective:.4f}{jpeg}",
        flush=True,
    )
    with (run / LOG).open("a") as log:
        log.write(json.dumps(_row(trainer, result, len(validator.crops))) + "\n")


def _row(trainer: Trainer, result: Report, crops: int) -> dict[str, object]:
    return {
        "step": trainer.step,
        "images": trainer.earlier_images + trainer.images,
        "crops": crops,
        "seconds": round(trainer.seconds, 1),
        "log_objective": result.log_objective,
        "bd_rate": result.bd_rate,
        "curve": result.curve,
        "rates": result.rates,
    }
