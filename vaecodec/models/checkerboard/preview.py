"""Symbols -> an image of an eighth of the size, without the synthesis transform.

A model's synthesis is a linear map from each latent position to its 16 x 16 pixels, and
a network that corrects it. The mean of 8 x 8 pixels is nearly all the linear map's, and
its means over such blocks are a map of twelve rows: two by two pixels of three colours.
What is left to compute are the means of the latent, which the engine does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES, REDUCTION, Quality
from vaecodec.models.engines.matrix_product import multiply
from vaecodec.models.names import WEIGHT
from vaecodec.models.quality import at_latents
from vaecodec.models.sizes import PATCH

SIDE = PATCH // REDUCTION  # pixels of the preview along a latent position

Float = NDArray[np.float32]
Tensors = Mapping[str, NDArray[np.generic]]


class LinearPart:
    """The linear map of a model's synthesis, reduced to means of 8 x 8 pixels."""

    def __init__(
        self, tensors: Tensors, *, latent_channels: int, ladder: NDArray[np.float64]
    ) -> None:
        """Read the weights of a model; `ladder` [11] as in `weights.ladder`.

        Raises:
            ModelError: It has no linear part, or one of another shape.
        """
        pixels, channels = 3 * PATCH**2, latent_channels
        weight = _take(tensors, "synthesis.bypass.weight", [pixels, channels, 1, 1])
        blocks = weight.reshape(3, SIDE, REDUCTION, SIDE, REDUCTION, channels)
        spread = _take(tensors, "synthesis.spread", [channels, 1, 1]).ravel()
        # [3, 2, 8, 2, 8, M] -> means of 8 x 8 pixels [12, M]
        self._basis = blocks.mean(axis=(2, 4)).reshape(-1, channels) * spread
        # All that the network adds wherever it has nothing to correct.
        bias = _take(tensors, "synthesis.leave.bias", [3 * REDUCTION**2])
        self._level = np.float32(0.5) + bias.reshape(3, -1).mean(1)
        self._ladder = ladder
        self._log_gain = _take(tensors, "log_gain.knots", [None, channels])
        self._log_step = _take(tensors, "log_inverse_gain.knots", [None, channels])

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def draw(
        self, latent_symbols: NDArray[np.int16], means: Float, quality: Quality
    ) -> NDArray[np.uint8]:
        """Latent symbols and means in steps, both [M, h, w] -> image [2 h, 2 w, 3].

        Raises:
            ModelError: The weights lead to numbers that are not finite.
        """
        channels, height, width = means.shape
        rung = _at(self._ladder, at_latents(quality))
        gain, step = (
            np.exp(_at(knots, rung)).transpose(2, 0, 1).astype(np.float32)
            for knots in (self._log_gain, self._log_step)
        )  # [M, 1, 1] or [M, h, w]
        latent = (means + latent_symbols * step) / gain
        flat = multiply(self._basis, latent.reshape(channels, -1))  # [12, h * w]
        # [3, 2, 2, h, w] -> [h, 2, w, 2, 3]
        blocks = flat.reshape(3, SIDE, SIDE, height, width).transpose(3, 1, 4, 2, 0)
        samples = blocks.reshape(SIDE * height, SIDE * width, 3) + self._level
        if not np.isfinite(samples).all():
            raise ModelError("the linear part puts out numbers that are not finite")
        levels: NDArray[np.uint8] = (
            np.floor(samples * 255 + 0.5).clip(0, 255).astype(np.uint8)
        )
        return levels


def _take(tensors: Tensors, name: str, shape: list[int | None]) -> Float:
    values = take_tensor(tensors, WEIGHT + name, np.float16, shape).astype(np.float32)
    if not np.isfinite(values).all():
        raise ModelError(f"tensor {WEIGHT + name!r} holds numbers that are not finite")
    return values


def _at(knots: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    """Values [..., C] at places [...] in 0..100, linear between knots [K, C].

    Or [...] for knots [K], which are as far from each other as the next.
    """
    position = places * ((len(knots) - 1) / (QUALITIES - 1))
    low = np.minimum(position.astype(int), len(knots) - 2)
    share = position - low
    if knots.ndim > 1:
        share = share[..., None]
    found: NDArray[Any] = knots[low] + share * (knots[low + 1] - knots[low])
    return found
