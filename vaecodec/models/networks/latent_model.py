"""What models with a quantised latent share: sender, ladder, worth of a symbol.

Both sides of the image transform work in units of a spread, the sizes of the KLT's
coefficients; quality decides how many quantisation steps one such unit has.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from vaecodec.models.networks.configuration import SenderConfiguration
from vaecodec.models.networks.layers import QualityCurve, interpolated
from vaecodec.models.networks.likelihoods import bits, round_through
from vaecodec.models.networks.sender import AnalysisTransform, HyperAnalysisTransform
from vaecodec.models.networks.trainable import Kind, TrainableModel

CHANNEL_VALUE = 255**2  # bits for lambda 1, squared error 1, in an image of one channel
# A symbol's error costs more than its own pixels: neighbours are predicted from it.
CONTEXT_VALUE = 1.6
# For the eye structure comes on top of squared error, above all that of the coarse
# coefficients, with which the KLT begins: factor, what they add, how many they are.
EYE_VALUE, COARSE_VALUE, COARSE_CHANNELS = 1.55, 5.0, 24.0

Sizes = TypeVar("Sizes", bound=SenderConfiguration)


class LatentModel(TrainableModel, Generic[Sizes]):
    """Sender and rate ladder of a model for all qualities.

    Args:
        configuration: of the model.
    """

    configuration: Sizes

    def __init__(self, configuration: Sizes) -> None:
        super().__init__()
        self.configuration = configuration
        self.analysis = AnalysisTransform(configuration)
        self.hyper_analysis = HyperAnalysisTransform(configuration)
        channels = configuration.latent_channels
        self.log_gain = QualityCurve(torch.zeros(channels))
        self.log_inverse_gain = QualityCurve(torch.zeros(channels))

    @property
    @abstractmethod
    def spread(self) -> Tensor:
        """Units of the latent's channels, for an orthonormal transform [M, 1, 1]."""

    @property
    def kind(self) -> Kind:
        sizes = self.configuration
        return Kind(sizes.tune, sizes.channels, sizes.depth)

    def to_json(self) -> str:
        return self.configuration.to_json()

    def lay_ladder(self, ladder: tuple[float, ...]) -> None:
        self.configuration = replace(self.configuration, ladder=ladder)

    def sender_parts(self) -> tuple[nn.Module, ...]:
        return self.analysis, self.hyper_analysis, self.log_gain

    def learning_rate_factor(self, parameter: str) -> float:
        """The KLT moves slowly, the curves over quality fast."""
        if ".bypass." in parameter:
            return 0.1
        return 3.0 if parameter.endswith("knots") else 1.0

    def lmbda(self, quality: Tensor) -> Tensor:
        low, high = self.configuration.log_lambda(0), self.configuration.log_lambda(100)
        return torch.exp(low + (high - low) / 100 * quality)

    def rung(self, quality: Tensor) -> Tensor:
        """What the networks take, 0..100, for the quality that a user gives, [...]."""
        ladder = quality.new_tensor(self.configuration.ladder)[:, None]
        return interpolated(quality, ladder)[..., 0]

    def latent_steps(self, image: Tensor, quality: Tensor) -> Tensor:
        """The latent in quantisation steps [B, M, h, w]."""
        steps: Tensor = self.analysis(image, quality) * self.log_gain(quality).exp()
        return steps

    def latents(self, image: Tensor, quality: Tensor) -> tuple[Tensor, Tensor]:
        """What the sender makes of an image, before anything is rounded.

        Args:
            image: levels 0..255 [H, W, C] in any dtype; H and W are multiples of 64.
            quality: that a user gives, [1, 1] or [h, w].

        Returns:
            The latent in quantisation steps [1, M, h, w], and the hyper-latent
            [1, Z, h / 4, w / 4].
        """
        planes = image.permute(2, 0, 1)[None].float() / 255
        steps = self.latent_steps(planes, self.rung(quality[None]))
        return steps, self.hyper_analysis(steps)

    def step_width(self, quality: Tensor) -> Tensor:
        """What a symbol of 1 adds to a latent, in units of an orthonormal transform.

        [B, M, 1, 1].
        """
        log_step = self.log_inverse_gain(quality) - self.log_gain(quality)
        width: Tensor = log_step.exp() * self.spread
        return width

    def error_weight(self, quality: Tensor) -> Tensor:
        """Bits that a squared error of one step is worth [B, M, 1, 1].

        Lambda times what the error does to the pixels of its patch by way of the
        bypass, times `CONTEXT_VALUE`, and what it is worth to an eye.
        """
        lmbda = self.lmbda(quality)[:, None, None, None]
        patch_value = CHANNEL_VALUE / self.configuration.channels
        value = CONTEXT_VALUE * patch_value * lmbda * self.step_width(quality).square()
        if self.tune == "eye":
            channels = torch.arange(value.shape[1], device=value.device)
            coarse = torch.exp(-channels / COARSE_CHANNELS)[:, None, None]
            value = value * EYE_VALUE * (1 + COARSE_VALUE * coarse)
        return value


def chosen_symbols(
    residual: Tensor, log_scales: Tensor, error_weight: Tensor, *, hard: bool
) -> Tensor:
    """Whole numbers for residuals in steps, with the gradient of the residual itself.

    The nearest; in a `hard` pass the next smaller ones where that saves more bits than
    the error is worth.
    """
    if not hard:
        return round_through(residual)
    with torch.no_grad():
        nearest = torch.floor(residual + 0.5)
        smaller = nearest - nearest.sign()
        saved_bits = bits(nearest, log_scales) - bits(smaller, log_scales)
        error = (residual - smaller).square() - (residual - nearest).square()
        chosen = torch.where(saved_bits > error_weight * error, smaller, nearest)
    return residual + (chosen - residual).detach()


def noisy(values: Tensor) -> Tensor:
    """The uniform posterior: values that a rate can be measured at."""
    return values + torch.rand_like(values) - 0.5


def first_group(latent: Tensor) -> Tensor:
    """1 where channel + row + column is even, else 0; shape [M, h, w]."""
    channels, height, width = latent.shape[-3:]
    rows = torch.arange(height, device=latent.device)[:, None]
    board = (rows + torch.arange(width, device=latent.device)) % 2
    parity = torch.arange(channels, device=latent.device)[:, None, None] % 2
    return (board == parity).to(latent.dtype)
