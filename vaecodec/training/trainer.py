"""One training run: what a step does, how the rate of learning moves, what is kept.

Every image of a batch draws its own quality; losses are divided by their running
mean at that quality, since without it the high rates would drown the low ones. The
exponential moving average of the weights is what gets validated and exported. A run
continues from its checkpoint with the identical next step (on a CPU).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

from vaecodec.models.networks.trainable import TrainableModel
from vaecodec.training.checkpoint import State, write_checkpoint
from vaecodec.training.photographs import draw_batch
from vaecodec.training.smooth_pictures import mix_in
from vaecodec.training.team import Team
from vaecodec.training.terms import Measured, Terms

WARM_UP_STEPS = 300
DECAY_FROM = 0.6  # share of the budget with a constant learning rate
# A model that goes on is set back by the full rate; what it gains comes from the decay.
CONTINUED_DECAY_FROM = 0.1
LARGE_CROPS_FROM = 0.5
HARD_FROM = 0.85  # then the sender stands still and the receiver learns from symbols
EXACT_FROM = 0.5  # then the receiver rounds as it does in files
EXACT_CROPS, EXACT_SIDE = 64, 192  # that say how large its numbers become
LEARNING_RATE = 1.5e-3
CONTINUED_RATE = 1e-3  # more throws back what has been learned
AVERAGE_DECAY = 0.999
GRADIENT_LIMIT = 1.0
BUCKETS = 8
BUCKET_DECAY = 0.99
# Crops of a step and their side. A GPU gets one shape for the whole run, since each new
# one is compiled anew.
EARLY_CROPS, LATE_CROPS, GPU_CROPS = (16, 128), (8, 192), (48, 256)
ALONE = Team()


class Trainer:
    """Model, optimiser, averages and random state of a run.

    Attributes:
        step: optimiser steps taken.
        images: crops seen.
        earlier_images: crops that the model had seen before this run.
        seconds: time spent training.
        average: the model with averaged weights.
        device: type of the device that all of it is on.
        exact: the model rounds as its receiver does, if it has an exact one.
        team: the processes that train together.

    Raises:
        ValueError: The team cannot share a batch evenly.
    """

    def __init__(
        self,
        model: TrainableModel,
        tiles: Tensor,
        *,
        seed: int,
        earlier_images: int = 0,
        team: Team = ALONE,
    ) -> None:
        # The layout in which CPUs and GPUs alike run 1x1 convolutions fastest.
        self.model = model.train()
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.tiles, self.team = tiles, team
        self.average = copy.deepcopy(model).requires_grad_(False).eval()
        self.optimizer = torch.optim.Adam(
            _parameter_groups(model), lr=LEARNING_RATE, betas=(0.9, 0.99), fused=True
        )
        self.device = tiles.device.type
        for progress in (0.0, 1.0):
            team.check(self.crops(progress)[0])
        on_gpu = self.device == "cuda"
        measured = Measured(model)
        self.measure: Callable[..., Terms] = (
            torch.compile(measured, dynamic=False) if on_gpu else measured
        )
        self.generator = torch.Generator().manual_seed(seed)
        self.typical = torch.ones(BUCKETS, device=tiles.device)
        self.step = 0
        self.images = 0
        self.earlier_images = earlier_images
        self.seconds = 0.0
        self.exact = False
        torch.manual_seed(seed)
        if on_gpu:
            torch.cuda.manual_seed(seed + team.rank)  # noise of its own

    def advance(self, progress: float) -> Terms:
        """Take one step at `progress` (0..1) of the budget."""
        decay_from = CONTINUED_DECAY_FROM if self.earlier_images else DECAY_FROM
        full = CONTINUED_RATE if self.earlier_images else LEARNING_RATE
        rate = full * learning_rate_factor(self.step, progress, decay_from)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        if progress >= EXACT_FROM and not self.exact:
            self._become_exact()
        count, side = self.crops(progress)
        batch = draw_batch(self.tiles, count=count, side=side, generator=self.generator)
        if self.model.kind.is_pictures:
            batch = mix_in(batch, self.generator)
        batch = self.team.part(batch)
        draws = torch.rand(count, generator=self.generator).to(batch.device)
        quality = self.team.part(draws) * 100
        hard = progress >= HARD_FROM
        if hard:
            self._freeze_sender()
        with self.team.noise(self.device):
            terms = self.measure(batch, quality, hard=hard)
        loss = self._normalized(terms, quality)
        self.optimizer.zero_grad()
        loss.backward()
        self.team.average_gradients(self.model.parameters())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_LIMIT)
        if torch.isfinite(norm):
            self.optimizer.step()
            self._update_average()
        self.step += 1
        self.images += count
        return terms

    def crops(self, progress: float) -> tuple[int, int]:
        """Crops of the next step, and their side in pixels."""
        if self.device == "cuda":
            return GPU_CROPS
        return EARLY_CROPS if progress < LARGE_CROPS_FROM else LATE_CROPS

    def save(self, path: Path) -> None:
        """Write everything the next step depends on, atomically."""
        state = {
            "architecture": self.model.architecture,
            "configuration": self.model.to_json(),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "typical": self.typical,
            "exact": self.exact,
            "counters": [self.step, self.images, self.earlier_images, self.seconds],
            "generators": [self.generator.get_state(), torch.get_rng_state()],
        }
        write_checkpoint(path, state)

    def restore(self, state: State) -> None:
        """Continue from what `save` wrote."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.typical = state["typical"].to(self.tiles.device)
        self.exact = state.get("exact", False)  # Early checkpoints lack it.
        self.step, self.images, self.earlier_images, self.seconds = state["counters"]
        own, shared = state["generators"]
        self.generator.set_state(own.cpu())
        torch.set_rng_state(shared.cpu())

    def _become_exact(self) -> None:
        images = draw_batch(
            self.tiles, count=EXACT_CROPS, side=EXACT_SIDE, generator=self.generator
        )
        for model in (self.average, self.model):
            model.become_exact(images)
        for own, average in zip(
            self.model.buffers(), self.average.buffers(), strict=True
        ):
            own.copy_(average)
        self.exact = True

    def _normalized(self, terms: Terms, quality: Tensor) -> Tensor:
        """Mean objective, each image's divided by what is typical at its quality."""
        objective = terms.objective(self.model.lmbda(quality))
        buckets = (quality * (BUCKETS / 100)).long().clamp(max=BUCKETS - 1)
        whole = self.team.whole
        self.typical = _moved(self.typical, whole(objective.detach()), whole(buckets))
        return (objective / self.typical[buckets]).mean()

    def _freeze_sender(self) -> None:
        """Let prior and synthesis settle on the symbols that files will hold."""
        for part in self.model.sender_parts():
            part.requires_grad_(False)

    def _update_average(self) -> None:
        decay = min(AVERAGE_DECAY, (self.step + 1) / (self.step + 10))
        means, values = (
            list(model.state_dict().values()) for model in (self.average, self.model)
        )
        get_ema_multi_avg_fn(decay)(means, values, self.step)


def learning_rate_factor(step: int, progress: float, decay_from: float) -> float:
    """Warm-up, then constant, then 1 - sqrt down to zero at the end of the budget."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    if progress < decay_from:
        return warm
    return warm * (1 - math.sqrt(min(1.0, (progress - decay_from) / (1 - decay_from))))


def _moved(typical: Tensor, measured: Tensor, buckets: Tensor) -> Tensor:
    """Running means [BUCKETS] after `measured` values, each of one of the buckets."""
    # A value that is not finite would stay, and every later step would be skipped.
    values = torch.where(measured.isfinite(), measured, typical[buckets])
    member = torch.nn.functional.one_hot(buckets, BUCKETS).to(values.dtype)
    counts = member.sum(0)
    mean = torch.where(counts > 0, values @ member / counts.clamp(min=1), typical)
    # The first values of a bucket replace the initial 1.
    decay = torch.where(typical != 1, BUCKET_DECAY**counts, (counts == 0).float())
    return decay * typical + (1 - decay) * mean


def _parameter_groups(model: TrainableModel) -> list[dict[str, Any]]:
    """The parameters by the factors on their learning rate, the slowest first."""
    groups: dict[float, list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        groups.setdefault(model.learning_rate_factor(name), []).append(parameter)
    return [{"params": groups[factor], "factor": factor} for factor in sorted(groups)]
