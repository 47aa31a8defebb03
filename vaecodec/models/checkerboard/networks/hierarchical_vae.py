"""The whole model: a hierarchical variational autoencoder with two latent layers.

Channels are those of `nano` for pictures; a block is a `ResidualBlock`, quality bends
all of it.

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

import torch
from torch import Tensor, nn

from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.scale_networks import ScaleNetworks
from vaecodec.models.checkerboard.networks.transforms import (
    ContextTransform,
    HyperSynthesisTransform,
    SynthesisTransform,
)
from vaecodec.models.networks.latent_model import (
    LatentModel,
    chosen_symbols,
    first_group,
    noisy,
)
from vaecodec.models.networks.layers import QualityCurve
from vaecodec.models.networks.likelihoods import (
    bits,
    bound_scales,
    round_through,
)
from vaecodec.models.networks.trainable import Coded
from vaecodec.models.sizes import HYPER_LIMIT


class HierarchicalVae(LatentModel[Configuration]):
    """Transforms, prior and rate ladder of one model for all qualities."""

    architecture = "checkerboard"

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self.hyper_synthesis = HyperSynthesisTransform(configuration)
        self.first_means = nn.Conv2d(
            configuration.hyper_channels, configuration.latent_channels, 1
        )
        self.context = ContextTransform(configuration)
        self.synthesis = SynthesisTransform(configuration)
        self.scale = ScaleNetworks(configuration)
        self.hyper_log_scale = QualityCurve(torch.zeros(configuration.hyper_channels))
        nn.init.normal_(self.first_means.weight, std=1e-3)
        nn.init.zeros_(self.first_means.bias)  # type: ignore[arg-type]

    @property
    def spread(self) -> Tensor:
        return self.synthesis.spread

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
            hyper_symbols if hard else noisy(hyper_latent),
            bound_scales(self.hyper_log_scale(quality)).expand_as(hyper_latent),
        )
        latent_bits = bits(latent_symbols if hard else noisy(residual), log_scales)
        latent = self.dequantize(latent_symbols, means, quality)
        terms = {"hyper": hyper_bits, "latent": latent_bits}
        return Coded(
            {name: count.sum((1, 2, 3)) / pixels for name, count in terms.items()},
            self.synthesis(latent, prior, quality),
        )

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
        """Symbols -> image [B, C, H, W], not clamped: the receiver's whole walk."""
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
        worth = self.error_weight(quality)
        first = mask * chosen_symbols(
            steps - first_means, first_scales, worth, hard=hard
        )
        means = self.means(prior, first, quality)
        seen = first.detach()
        second_scales = bound_scales(self.scale.second_pass(features, seen, quality))
        second = chosen_symbols(steps - means, second_scales, worth, hard=hard)
        log_scales = torch.where(mask > 0, first_scales, second_scales)
        return means, first + (1 - mask) * second, log_scales
