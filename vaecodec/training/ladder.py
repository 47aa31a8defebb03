"""What the numbers 0..100 of a quality mean: the last step before a model is stored.

Networks are trained on a ladder of lambdas that rises evenly, 0..100. Users of a model
tuned for the eye get another scale, on which quality q aims at a mean SSIMULACRA2 of q,
from `LOWEST` to `HIGHEST`; below and above the rungs left over are spread evenly. A
model tuned for PSNR keeps the ladder itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vaecodec.codec.search.ssimulacra2 import score_of_sum
from vaecodec.models.networks.trainable import TrainableModel
from vaecodec.training.ssimulacra2 import weighted_sum

RUNGS = (0, *range(10, 61, 5), 70, 80, 90, 95, 100)
LOWEST, HIGHEST = 30, 90


def measured_ladder(model: TrainableModel, pictures: Tensor) -> tuple[float, ...]:
    """The rungs of qualities 0, 10 ... 100, found on pictures uint8 [N, 3, H, W].

    Raises:
        ValueError: The scores do not reach from `LOWEST` to `HIGHEST`.
    """
    scores = [float(np.mean(picture_scores(model, pictures, rung))) for rung in RUNGS]
    return ladder_of(scores)


def ladder_of(scores: Sequence[float]) -> tuple[float, ...]:
    """The rungs of qualities 0, 10 ... 100 from the mean score at each of `RUNGS`.

    Raises:
        ValueError: The scores do not reach from `LOWEST` to `HIGHEST`, or do not rise.
    """
    if min(np.diff(scores)) <= 0 or not scores[0] < LOWEST < HIGHEST < scores[-1]:
        raise ValueError(f"scores must rise from {LOWEST} to {HIGHEST}, got {scores}")
    known = [0, *range(LOWEST, HIGHEST + 1, 10), 100]
    rungs = [0.0, *np.interp(known[1:-1], scores, RUNGS), 100.0]
    ladder = np.interp(range(0, 101, 10), known, rungs)
    return tuple(round(float(rung), 3) for rung in ladder)


@torch.no_grad()
def picture_scores(model: TrainableModel, pictures: Tensor, rung: float) -> list[float]:
    """SSIMULACRA2 of each picture uint8 [N, 3, H, W] after coding at a rung."""
    scores = []
    for picture in pictures.split(1):
        image = picture.float() / 255
        decoded = model(image, image.new_full((1,), rung), hard=True).decoded
        levels = torch.floor(decoded.clamp(0, 1) * 255 + 0.5) / 255
        distance = weighted_sum(image, levels, zero_sides=True)
        scores.append(score_of_sum(distance.item()))
    return scores
