"""Sizes of a model and the rate ladder it is trained for.

Everything a network needs to be rebuilt from a bare set of weights: it travels
as JSON inside checkpoints and model files. `nano` can be trained on a CPU, `small` is a
deeper one that can be grown from it, `base` wants a GPU. Any other depth works as well:
how far a model looks follows from its blocks (see `reach`).
"""

from __future__ import annotations

import dataclasses

from vaecodec.models.networks.configuration import SenderConfiguration


@dataclasses.dataclass(frozen=True, kw_only=True)
class Configuration(SenderConfiguration):
    """Channel counts and depths; resolutions are fractions of the image's.

    Attributes:
        synthesis_blocks: residual blocks of the synthesis transform at 1/16, at 1/8.
    """

    name: str = "nano"
    synthesis_blocks: tuple[int, int] = (1, 3)


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
