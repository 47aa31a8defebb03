"""Sizes of a model and the rate ladder it is trained for.

Everything a network needs to be rebuilt from a bare set of weights: it travels as JSON
inside checkpoints and model files.
"""

from __future__ import annotations

import dataclasses

from vaecodec.models.networks.configuration import SenderConfiguration


@dataclasses.dataclass(frozen=True, kw_only=True)
class Configuration(SenderConfiguration):
    """Channel counts and depths; resolutions are fractions of the image's.

    Attributes:
        prior_channels: width of the features at 1/16 that predict the latent.
        guidance_channels: of what the hyper-latent tells the painter, at 1/16.
        painter_blocks: residual blocks of the painter.
        exact: the receiver computes with rounded numbers, as in a model file.
    """

    name: str = "exact"
    exact: bool = False
    prior_channels: int = 128
    guidance_channels: int = 64
    analysis_blocks: tuple[int, int] = (5, 2)
    painter_blocks: int = 5


EXACT = Configuration()
NETWORKS = {EXACT.name: EXACT}
