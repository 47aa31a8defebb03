"""The whole model: a hierarchical variational autoencoder with two latent layers.

Posterior: the latent in steps t and the hyper-latent z are uniform on a unit
interval around what the analysis transforms put out (their entropy is zero, so the
KL divergence to the prior is the rate). Prior: p(z) p(t_first | z) p(t_second | z,
t_first), each a logistic convolved with the unit uniform. Likelihood: Gaussian
pixels whose variance lambda sets. Rounding is the deterministic version of the
noise; in training it is used for everything the decoder would see, while the rate
is measured with noise.

The latent falls into two groups like the fields of a chessboard, different from
channel to channel: each element of the second group sees its four neighbours and
half of the channels of its own position.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vaecodec.model.configuration import HYPER_LIMIT, Configuration
from vaecodec.model.layers import QualityCurve
from vaecodec.model.likelihoods import bits, bound_scales, round_through
from vaecodec.model.scale_networks import ScaleNetworks
from vaecodec.model.transforms import (
    AnalysisTransform,
    ContextTransform,
    HyperAnalysisTransform,
    HyperSynthesisTransform,
    SynthesisTransform,
)


@dataclass(frozen=True)
class Terms:
    """What one training step measures, one value per image of the batch.

    Attributes:
        hyper_rate: KL term of the hyper-latent, bits per pixel.
        latent_rate: KL term of the latent, bits per pixel.
        mse_255: mean squared error of 8-bit RGB samples.
    """

    hyper_rate: Tensor
    latent_rate: Tensor
    mse_255: Tensor

    def objective(self, lmbda: Tensor) -> Tensor:
        """Rate + lambda x distortion, per image."""
        return self.hyper_rate + self.latent_rate + lmbda * self.mse_255


class HierarchicalVae(nn.Module):
    """Transforms, prior and rate ladder of one model for all qualities."""

    def __init__(self, sizes: Configuration) -> None:
        super().__init__()
        self.sizes = sizes
        self.analysis = AnalysisTransform(sizes)
        self.hyper_analysis = HyperAnalysisTransform(sizes)
        self.hyper_synthesis = HyperSynthesisTransform(sizes)
        self.first_means = nn.Conv2d(sizes.hyper_channels, sizes.latent_channels, 1)
        self.context = ContextTransform(sizes)
        self.synthesis = SynthesisTransform(sizes)
        self.scale = ScaleNetworks(sizes)
        self.log_gain = QualityCurve(torch.zeros(sizes.latent_channels))
        self.log_inverse_gain = QualityCurve(torch.zeros(sizes.latent_channels))
        self.hyper_log_scale = QualityCurve(torch.zeros(sizes.hyper_channels))
        nn.init.normal_(self.first_means.weight, std=1e-3)
        nn.init.zeros_(self.first_means.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, quality: Tensor, *, noise: bool = True) -> Terms:
        """Image [B, 3, H, W] in 0..1, quality [B] in 0..100 -> rate and distortion.

        With `noise=False` the rate is that of the rounded symbols.
        """
        steps = self.latent_steps(image, quality)
        hyper_latent = self.hyper_analysis(steps)
        hyper_symbols = round_through(hyper_latent).clamp(-HYPER_LIMIT, HYPER_LIMIT)
        prior = self.hyper_synthesis(hyper_symbols, quality)
        means, latent_symbols, log_scales = self._two_groups(
            steps, hyper_symbols, prior, quality
        )
        residual = steps - means
        pixels = image.shape[-2] * image.shape[-1]
        hyper_bits = bits(
            _noisy(hyper_latent) if noise else hyper_symbols,
            bound_scales(self.hyper_log_scale(quality)).expand_as(hyper_latent),
        )
        latent_bits = bits(_noisy(residual) if noise else latent_symbols, log_scales)
        latent = self.dequantize(latent_symbols, means, quality)
        difference = self.synthesis(latent, prior, quality) - image
        return Terms(
            hyper_bits.sum((1, 2, 3)) / pixels,
            latent_bits.sum((1, 2, 3)) / pixels,
            difference.square().mean((1, 2, 3)) * 255**2,
        )

    def latent_steps(self, image: Tensor, quality: Tensor) -> Tensor:
        """The latent in quantisation steps [B, M, h, w]."""
        steps: Tensor = self.analysis(image, quality) * self.log_gain(quality).exp()
        return steps

    def dequantize(self, symbols: Tensor, means: Tensor, quality: Tensor) -> Tensor:
        """Symbols and means, both in steps -> latent, in the transforms' units."""
        correction = self.log_inverse_gain(quality).exp()
        latent: Tensor = (means + symbols * correction) / self.log_gain(quality).exp()
        return latent

    def means(self, prior: Tensor, first_symbols: Tensor, quality: Tensor) -> Tensor:
        """Means in steps [B, M, h, w] of both groups.

        Those of the first group depend on the prior features alone. `first_symbols`
        outside the first group are not looked at.
        """
        gain = self.log_gain(quality).exp()
        mask = first_group(first_symbols)
        means = self.first_means(prior)
        first = mask * self.dequantize(first_symbols, means * gain, quality)
        return (means + (1 - mask) * self.context(first, prior)) * gain

    def reconstruct(
        self, hyper_symbols: Tensor, latent_symbols: Tensor, quality: Tensor
    ) -> Tensor:
        """Symbols -> image [B, 3, H, W], not clamped: the receiver's whole walk."""
        prior = self.hyper_synthesis(hyper_symbols, quality)
        means = self.means(prior, latent_symbols, quality)
        latent = self.dequantize(latent_symbols, means, quality)
        image: Tensor = self.synthesis(latent, prior, quality)
        return image

    def _two_groups(
        self, steps: Tensor, hyper_symbols: Tensor, prior: Tensor, quality: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Means, symbols and log scales, the second group seeing the first."""
        mask = first_group(steps)
        first_means = self.first_means(prior) * self.log_gain(quality).exp()
        first_symbols = round_through(steps - first_means) * mask
        means = self.means(prior, first_symbols, quality)
        second_symbols = round_through(steps - means) * (1 - mask)
        features = self.scale.features(hyper_symbols)
        first_scales = self.scale.first_pass(features, quality)
        seen = first_symbols.detach()
        second_scales = self.scale.second_pass(features, seen, quality)
        log_scales = torch.where(mask > 0, first_scales, second_scales)
        return means, first_symbols + second_symbols, bound_scales(log_scales)


def first_group(latent: Tensor) -> Tensor:
    """1 where channel + row + column is even, else 0; shape [M, h, w]."""
    channels, height, width = latent.shape[-3:]
    sums = (
        torch.arange(channels, device=latent.device)[:, None, None]
        + torch.arange(height, device=latent.device)[:, None]
        + torch.arange(width, device=latent.device)
    )
    return (1 - sums % 2).to(latent.dtype)


def log_gain_of(log_lambda: float) -> float:
    """Logarithm of the gain that is optimal for an orthonormal transform.

    High-rate theory: the slope of the rate against the error of a uniform quantiser
    gives a step of 0.02 / sqrt(lambda) in units of 0..1 samples.
    """
    return math.log(50) + log_lambda / 2


def _noisy(values: Tensor) -> Tensor:
    return values + torch.rand_like(values) - 0.5
