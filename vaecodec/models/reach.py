"""How far transforms of residual blocks look, in pixels, counted from their weights.

In: the names of a model's tensors. Every residual block holds one depthwise layer of
5 x 5, which reaches two positions of its resolution; 1x1 layers and shuffles reach no
further. So what a model of any depth needs around a window follows from how many
blocks it has.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaecodec.models.names import WEIGHT
from vaecodec.models.sizes import PATCH

RADIUS = 2  # of a depthwise layer of 5 x 5, in positions
FINE, COARSE, HALF_HYPER = PATCH // 2, PATCH, 2 * PATCH  # pixels per position
# Two blocks of the hyper-analysis transform.
HYPER_ANALYSIS = RADIUS * (COARSE + HALF_HYPER)


def analysis_reach(names: Iterable[str]) -> int:
    """Of latent and hyper-latent into the image."""
    return transform_reach("analysis", names) + HYPER_ANALYSIS


def transform_reach(transform: str, names: Iterable[str]) -> int:
    """Of the fine and coarse blocks of a transform."""
    prefix, pixels = f"{WEIGHT}{transform}.", {"fine": FINE, "coarse": COARSE}
    mine = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    # fine.0.expand.bias -> fine, 0
    blocks = {tuple(name.split(".")[:2]) for name in mine}
    return RADIUS * sum(pixels.get(part, 0) for part, *_ in blocks)
