"""How far the networks of a model look, in pixels, counted from its layers.

In: the names of a model's tensors. Every residual block holds one depthwise layer of
5 x 5, which reaches two positions of its resolution; 1x1 layers and shuffles reach no
further. So what a model of any depth needs around a window follows from how many
blocks it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vaecodec.models.checkerboard.sizes import PATCH
from vaecodec.models.names import WEIGHT

RADIUS = 2  # of a depthwise layer of 5 x 5, in positions
FINE, COARSE, HALF_HYPER = PATCH // 2, PATCH, 2 * PATCH  # pixels per position
# Two blocks of the hyper-analysis transform.
HYPER_ANALYSIS = RADIUS * (COARSE + HALF_HYPER)
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
    def of(cls, names: Iterable[str]) -> Reach:
        """From the names of a model's tensors."""
        # weights.analysis.fine.0.expand.bias -> weights.analysis.fine.0
        blocks = {re.sub(r"(\d+)\..*", r"\1", name) for name in names}

        def reach(transform: str) -> int:
            parts = ("fine", FINE), ("coarse", COARSE)
            prefixes = [(f"{WEIGHT}{transform}.{part}.", unit) for part, unit in parts]
            return RADIUS * sum(
                unit
                for prefix, unit in prefixes
                for block in blocks
                if block.startswith(prefix)
            )

        return cls(
            analysis=reach("analysis") + HYPER_ANALYSIS,
            means=MEANS,
            painter=reach("synthesis") + MEANS,
        )
