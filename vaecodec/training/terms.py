"""What a step of training measures of a model: its rate, and its distortion."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.training.objective import eye_distortion, squared_error


@dataclass(frozen=True)
class Terms:
    """What one training step measures, one value per image of the batch.

    Attributes:
        hyper_rate: KL term of the hyper-latent, bits per pixel.
        latent_rate: KL term of the latent, bits per pixel.
        mse_255: mean squared error of 8-bit RGB samples.
        distortion: what the model is tuned for, in the same unit.
    """

    hyper_rate: Tensor
    latent_rate: Tensor
    mse_255: Tensor
    distortion: Tensor

    def objective(self, lmbda: Tensor) -> Tensor:
        """Rate + lambda x distortion, per image."""
        return self.hyper_rate + self.latent_rate + lmbda * self.distortion


class Measured(nn.Module):
    """A model and what it is tuned for, as one graph that can be compiled."""

    def __init__(self, model: HierarchicalVae) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, quality: Tensor, *, hard: bool = False) -> Terms:
        """Image [B, 3, H, W] in 0..1, quality [B] in 0..100 -> rate and distortion."""
        coded = self.model(image, quality, hard=hard)
        error = distortion = squared_error(image, coded.decoded)
        if self.model.sizes.tune == "eye":
            lmbda = self.model.lmbda(quality)
            distortion = eye_distortion(image, coded.decoded, lmbda)
        return Terms(coded.hyper_rate, coded.latent_rate, error, distortion)
