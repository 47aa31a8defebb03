"""The whole model: a hierarchical variational autoencoder with two latent layers.

Channels are those of `nano`; a block is a `ResidualBlock`, quality bends all of it.

    resolution   sender                                   receiver

    1            image 3 --------+                        image 3 <------+ <---+
                    |            |                                       |     |
    1/8          96, 3 blocks    |                        96, 3 blocks --+     |
                    |            |                           ^                 |
    1/16         192, 2 blocks   |                        192, 1 block         |
                    |            |                          ^    ^             |
                   320 <-+    KLT 768                       |    |          KLT 768
                    |    |       |                          |    |             |
                    |    +------320                         |  latent 320 -----+
                    |                                       |    ^
                  t 320 ---> less means ==> symbols 320 ==> | add means <- context 96
                    |                                       |    ^            ^
                 96, 1 block                              prior 96 -----------+
                    |                                        ^
    1/32         96, 1 block                              96, 1 block
                    |                                        ^
    1/64          z 96 ===================> symbols 96 ====> 96

    ==> symbols are coded by the tables of their scales (scale networks, 320 at 1/16):
        symbols 96 at 1/64 -> 64 at 1/32 -> 64 at 1/16 -> 128 -> first group
        first group 320 -> 64, with these 64 -> 128 ------------> second group

Posterior: the latent in steps t and the hyper-latent z are uniform on a unit
interval around what the analysis transforms put out (their entropy is zero, so the
KL divergence to the prior is the rate). Prior: p(z) p(t_first | z) p(t_second | z,
t_first), each a logistic convolved with the unit uniform. Likelihood: Gaussian
pixels whose variance lambda sets. Rounding is the deterministic version of the
noise; in training it is used for everything the receiver would see, while the rate
is measured with noise. A `hard` pass is what the codec does: symbols are chosen by
weighing bits against error, and their own bits are counted.

The latent falls into two groups like the fields of a chessboard, different from
channel to channel: each element of the second group sees its four neighbours and
half of the channels of its own position, by way of the context transform.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.scale_networks import ScaleNetworks
from vaecodec.models.checkerboard.networks.transforms import (
    PATCH,
    AnalysisTransform,
    ContextTransform,
    HyperAnalysisTransform,
    HyperSynthesisTransform,
    SynthesisTransform,
)
from vaecodec.models.checkerboard.sizes import HYPER_LIMIT
from vaecodec.models.networks.layers import QualityCurve, interpolated
from vaecodec.models.networks.likelihoods import (
    bits,
    bound_scales,
    round_through,
)
from vaecodec.models.networks.trainable import Coded, TrainableModel

PATCH_VALUE = 255**2 * PATCH**2 / (3 * PATCH**2)  # bits for lambda 1, squared error 1
# A symbol's error costs more than its own pixels: neighbours are predicted from it.
CONTEXT_VALUE = 1.6
# For the eye structure comes on top of squared error, above all that of the coarse
# coefficients, with which the KLT begins: factor, what they add, how many they are.
EYE_VALUE, COARSE_VALUE, COARSE_CHANNELS = 1.55, 5.0, 24.0


class HierarchicalVae(TrainableModel):
    """Transforms, prior and rate ladder of one model for all qualities."""

    architecture = "checkerboard"

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        self.configuration = configuration
        self.analysis = AnalysisTransform(configuration)
        self.hyper_analysis = HyperAnalysisTransform(configuration)
        self.hyper_synthesis = HyperSynthesisTransform(configuration)
        self.first_means = nn.Conv2d(
            configuration.hyper_channels, configuration.latent_channels, 1
        )
        self.context = ContextTransform(configuration)
        self.synthesis = SynthesisTransform(configuration)
        self.scale = ScaleNetworks(configuration)
        self.log_gain = QualityCurve(torch.zeros(configuration.latent_channels))
        self.log_inverse_gain = QualityCurve(torch.zeros(configuration.latent_channels))
        self.hyper_log_scale = QualityCurve(torch.zeros(configuration.hyper_channels))
        nn.init.normal_(self.first_means.weight, std=1e-3)
        nn.init.zeros_(self.first_means.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, quality: Tensor, *, hard: bool = False) -> Coded:
        """See `TrainableModel`; the KL terms are those of both latents."""
        steps = self.latent_steps(image, quality)
        hyper_latent = self.hyper_analysis(steps)
        hyper_symbols = round_through(hyper_latent).clamp(-HYPER_LIMIT, HYPER_LIMIT)
        prior = self.hyper_synthesis(hyper_symbols, quality)
        means, latent_symbols, log_scales = self._two_groups(
            steps, hyper_symbols, prior, quality, hard=hard
        )
        residual = steps - means
        pixels = image.shape[-2] * image.shape[-1]
        hyper_bits = bits(
            hyper_symbols if hard else _noisy(hyper_latent),
            bound_scales(self.hyper_log_scale(quality)).expand_as(hyper_latent),
        )
        latent_bits = bits(latent_symbols if hard else _noisy(residual), log_scales)
        latent = self.dequantize(latent_symbols, means, quality)
        terms = {"hyper": hyper_bits, "latent": latent_bits}
        return Coded(
            {name: count.sum((1, 2, 3)) / pixels for name, count in terms.items()},
            self.synthesis(latent, prior, quality),
        )

    @property
    def tune(self) -> str:
        return self.configuration.tune

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

    def dequantize(self, symbols: Tensor, means: Tensor, quality: Tensor) -> Tensor:
        """Symbols and means, both in steps -> latent, in the transforms' units."""
        correction = self.log_inverse_gain(quality).exp()
        latent: Tensor = (means + symbols * correction) / self.log_gain(quality).exp()
        return latent

    def error_weight(self, quality: Tensor) -> Tensor:
        """Bits that a squared error of one step is worth [B, M, 1, 1].

        Lambda times what the error does to the pixels of its patch by way of the
        bypass, times `CONTEXT_VALUE`, and what it is worth to an eye.
        """
        log_step = self.log_inverse_gain(quality) - self.log_gain(quality)
        step = log_step.exp() * self.synthesis.spread
        lmbda = self.lmbda(quality)[:, None, None, None]
        value = CONTEXT_VALUE * PATCH_VALUE * lmbda * step.square()
        if self.configuration.tune == "eye":
            channels = torch.arange(
                self.configuration.latent_channels, device=value.device
            )
            coarse = torch.exp(-channels / COARSE_CHANNELS)[:, None, None]
            value = value * EYE_VALUE * (1 + COARSE_VALUE * coarse)
        return value

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
        self,
        steps: Tensor,
        hyper_symbols: Tensor,
        prior: Tensor,
        quality: Tensor,
        *,
        hard: bool,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Means, symbols and log scales, the second group seeing the first."""
        mask = first_group(steps)
        features = self.scale.features(hyper_symbols)
        first_scales = bound_scales(self.scale.first_pass(features, quality))
        first_means = self.first_means(prior) * self.log_gain(quality).exp()
        first = mask * self._symbols(steps - first_means, first_scales, quality, hard)
        means = self.means(prior, first, quality)
        seen = first.detach()
        second_scales = bound_scales(self.scale.second_pass(features, seen, quality))
        second = self._symbols(steps - means, second_scales, quality, hard)
        log_scales = torch.where(mask > 0, first_scales, second_scales)
        return means, first + (1 - mask) * second, log_scales

    def _symbols(
        self, residual: Tensor, log_scales: Tensor, quality: Tensor, hard: bool
    ) -> Tensor:
        """Rounded residual, with the gradient of the residual itself."""
        if not hard:
            return round_through(residual)
        with torch.no_grad():
            nearest = torch.floor(residual + 0.5)
            smaller = nearest - nearest.sign()
            saved_bits = bits(nearest, log_scales) - bits(smaller, log_scales)
            error = (residual - smaller).square() - (residual - nearest).square()
            worthwhile = saved_bits > self.error_weight(quality) * error
            chosen = torch.where(worthwhile, smaller, nearest)
        return residual + (chosen - residual).detach()


def first_group(latent: Tensor) -> Tensor:
    """1 where channel + row + column is even, else 0; shape [M, h, w]."""
    channels, height, width = latent.shape[-3:]
    rows = torch.arange(height, device=latent.device)[:, None]
    board = (rows + torch.arange(width, device=latent.device)) % 2
    parity = torch.arange(channels, device=latent.device)[:, None, None] % 2
    return (board == parity).to(latent.dtype)


def log_gain_of(log_lambda: float) -> float:
    """Logarithm of the gain that is optimal for an orthonormal transform.

    High-rate theory: the slope of the rate against the error of a uniform quantiser
    gives a step of 0.02 / sqrt(lambda) in units of 0..1 samples.
    """
    return math.log(50) + log_lambda / 2


def _noisy(values: Tensor) -> Tensor:
    return values + torch.rand_like(values) - 0.5
