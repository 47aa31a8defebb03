"""How far the networks of a model look, in pixels, counted from its layers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from vaecodec.models.reach import (
    COARSE,
    HALF_HYPER,
    RADIUS,
    analysis_reach,
    transform_reach,
)

# Two blocks of the hyper-synthesis transform, one of the context transform.
MEANS = RADIUS * (HALF_HYPER + COARSE + COARSE)


@dataclass(frozen=True)
class Reach:
    """In pixels beyond the edge of what is computed.

    Attributes:
        analysis: of latent and hyper-latent into the image.
        means: of the means into the latents.
        painter: of the image into the latents.
    """

    analysis: int
    means: int
    painter: int

    @classmethod
    def of(cls, names: Collection[str]) -> Reach:
        """From the names of a model's tensors."""
        return cls(
            analysis=analysis_reach(names),
            means=MEANS,
            painter=transform_reach("synthesis", names) + MEANS,
        )
