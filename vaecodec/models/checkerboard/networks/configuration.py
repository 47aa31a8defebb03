"""Sizes of a model and the rate ladder it is trained for.

Everything a network needs to be rebuilt from a bare set of weights: it travels
as JSON inside checkpoints and model files. `nano` can be trained on a CPU, `small` is a
deeper one that can be grown from it, `base` wants a GPU. Any other depth works as well:
how far a model looks follows from its blocks (see `reach`).
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from vaecodec.models.architecture import QUALITIES
from vaecodec.models.checkerboard.ladder import EVEN

# Lambda at quality 0 and 100 by what a model is tuned for. Eyes want more at the top:
# noise and grain, and the last steps of a smooth ramp.
LAMBDA_RANGES = {"psnr": (8e-5, 0.6), "eye": (1.5e-4, 2.5)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Configuration:
    """Channel counts and depths; resolutions are fractions of the image's.

    Attributes:
        latent_channels: channels of the latent at 1/16.
        hyper_channels: channels of the hyper-latent at 1/64 and of the features
            that the hyper-synthesis transform hands on at 1/16.
        coarse_channels: width of the residual blocks at 1/16.
        fine_channels: width of the residual blocks at 1/8.
        analysis_blocks: residual blocks of the analysis transform at 1/8, at 1/16.
        synthesis_blocks: residual blocks of the synthesis transform at 1/16, at 1/8.
        tune: what the distortion is, "eye" or "psnr" (see `training.objective`).
        lambda_range: weight of the distortion at quality 0 and at quality 100
            (rate in bits per pixel, distortion in units of MSE of 8-bit samples).
        ladder: what the networks take for the qualities 0, 10 ... 100 of users, each
            0..100 and rising; between them it goes straight (see `ladder`).
    """

    name: str = "nano"
    tune: str = "psnr"
    latent_channels: int = 320
    hyper_channels: int = 96
    coarse_channels: int = 192
    fine_channels: int = 96
    analysis_blocks: tuple[int, int] = (3, 2)
    synthesis_blocks: tuple[int, int] = (1, 3)
    lambda_range: tuple[float, float] = LAMBDA_RANGES["psnr"]
    ladder: tuple[float, ...] = EVEN

    def tuned(self, tune: str) -> Configuration:
        """The same to be trained for "eye" or "psnr", with an even ladder."""
        return dataclasses.replace(
            self, tune=tune, lambda_range=LAMBDA_RANGES[tune], ladder=EVEN
        )

    def log_lambda(self, rung: float) -> float:
        """Natural logarithm of lambda at a rung in 0..100, linear between."""
        low, high = (math.log(value) for value in self.lambda_range)
        return low + (high - low) * rung / (QUALITIES - 1)

    def to_json(self) -> str:
        """The configuration as one line of JSON with sorted keys."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Configuration:
        """Inverse of `to_json`."""
        fields: dict[str, Any] = json.loads(text)
        pairs: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in fields.items()
        }
        return cls(**pairs)


NANO = Configuration()
SMALL = Configuration(name="small", analysis_blocks=(5, 2), synthesis_blocks=(1, 5))
BASE = Configuration(
    name="base",
    hyper_channels=128,
    coarse_channels=288,
    fine_channels=160,
    analysis_blocks=(5, 2),
    synthesis_blocks=(1, 5),
)
NETWORKS = {configuration.name: configuration for configuration in (NANO, SMALL, BASE)}
