"""What a step of training measures of a model: its rate, and its distortion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vaecodec.models.networks.trainable import TrainableModel
from vaecodec.training.objective import eye_distortion, squared_error


@dataclass(frozen=True)
class Terms:
    """What one training step measures, one value per image of the batch.

    Attributes:
        rates: bits per pixel of each term of the rate, by its name.
        mse_255: mean squared error of 8-bit samples.
        distortion: what the model is tuned for, in the same unit.
    """

    rates: dict[str, Tensor]
    mse_255: Tensor
    distortion: Tensor

    @property
    def rate(self) -> Tensor:
        """Bits per pixel of all terms."""
        return torch.stack(list(self.rates.values())).sum(0)

    def objective(self, lmbda: Tensor) -> Tensor:
        """Rate + lambda x distortion, per image."""
        return self.rate + lmbda * self.distortion


def joined(parts: Sequence[Terms]) -> Terms:
    """The terms of several batches as those of one."""
    return Terms(
        {key: torch.cat([part.rates[key] for part in parts]) for key in parts[0].rates},
        torch.cat([part.mse_255 for part in parts]),
        torch.cat([part.distortion for part in parts]),
    )


class Measured(nn.Module):
    """A model and what it is tuned for, as one graph that can be compiled."""

    def __init__(self, model: TrainableModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, quality: Tensor, *, hard: bool = False) -> Terms:
        """Image [B, C, H, W] in 0..1, quality [B] in 0..100 -> rate and distortion."""
        coded = self.model(image, quality, hard=hard)
        error = distortion = squared_error(image, coded.decoded)
        if self.model.tune == "eye":
            lmbda = self.model.lmbda(quality)
            distortion = eye_distortion(image, coded.decoded, lmbda)
        return Terms(coded.rates, error, distortion)
