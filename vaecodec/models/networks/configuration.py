"""What a model is besides its weights: sizes, and the rate ladder it is trained for.

Architectures add the sizes of their receivers. All of it travels as JSON inside
checkpoints and model files.
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, Self

from vaecodec.models.architecture import QUALITIES
from vaecodec.models.depth import SHALLOW
from vaecodec.models.sizes import PATCH

# Lambda at quality 0 and 100 by what a model is tuned for. Eyes want more at the top:
# noise and grain, and the last steps of a smooth ramp.
LAMBDA_RANGES = {"psnr": (8e-5, 0.6), "eye": (1.5e-4, 2.5)}
EVEN = tuple(map(float, range(0, 101, 10)))  # a ladder that takes qualities as they are


@dataclasses.dataclass(frozen=True, kw_only=True)
class SenderConfiguration:
    """Sizes of the sender's networks, and the ladder; resolutions are fractions.

    Attributes:
        name: of the network.
        channels: of images, 1..16.
        depth: bits of the samples that the model learns from.
        latent_channels: channels of the latent at 1/16.
        hyper_channels: channels of the hyper-latent at 1/64.
        coarse_channels: width of the residual blocks at 1/16.
        fine_channels: width of the residual blocks at 1/8.
        analysis_blocks: residual blocks of the analysis transform at 1/8, at 1/16.
        tune: what the distortion is, "eye" or "psnr" (see `training.objective`).
        lambda_range: weight of the distortion at quality 0 and at quality 100
            (rate in bits per pixel, distortion in units of MSE of 8-bit samples).
        ladder: what the networks take for the qualities 0, 10 ... 100 of users, each
            0..100 and rising; between them it goes straight.
    """

    name: str
    channels: int = 3
    depth: int = SHALLOW
    latent_channels: int = 320
    hyper_channels: int = 96
    coarse_channels: int = 192
    fine_channels: int = 96
    analysis_blocks: tuple[int, int] = (3, 2)
    tune: str = "psnr"
    lambda_range: tuple[float, float] = LAMBDA_RANGES["psnr"]
    ladder: tuple[float, ...] = EVEN

    def tuned(self, tune: str) -> Self:
        """The same to be trained for "eye" or "psnr", with an even ladder."""
        return dataclasses.replace(
            self, tune=tune, lambda_range=LAMBDA_RANGES[tune], ladder=EVEN
        )

    def for_samples(self, channels: int, depth: int) -> Self:
        """The same for images of so many channels, with samples of so many bits.

        A latent has no more channels than its position has samples.
        """
        most = min(self.latent_channels, channels * PATCH**2)
        return dataclasses.replace(
            self, channels=channels, depth=depth, latent_channels=most
        )

    def log_lambda(self, rung: float) -> float:
        """Natural logarithm of lambda at a rung in 0..100, linear between."""
        low, high = (math.log(value) for value in self.lambda_range)
        return low + (high - low) * rung / (QUALITIES - 1)

    def to_json(self) -> str:
        """The configuration as one line of JSON with sorted keys."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`."""
        fields: dict[str, Any] = json.loads(text)
        pairs: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in fields.items()
        }
        return cls(**pairs)
