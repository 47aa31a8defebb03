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
from vaecodec.models.architecture import QUALITIES, REDUCTION
from vaecodec.models.checkerboard.sizes import PATCH
from vaecodec.models.engines.matrix_product import multiply
from vaecodec.models.names import WEIGHT

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
        self._basis = blocks.mean(axis=(2, 4)).reshape(-1, channels) * spread
        # All that the network adds wherever it has nothing to correct.
        bias = _take(tensors, "synthesis.leave.bias", [3 * REDUCTION**2])
        self._level = np.float32(0.5) + bias.reshape(3, -1).mean(1)
        self._ladder = ladder
        self._log_gain = _take(tensors, "log_gain.knots", [None, channels])
        self._log_step = _take(tensors, "log_inverse_gain.knots", [None, channels])

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def draw(
        self, latent_symbols: NDArray[np.int16], means: Float, *, quality: int
    ) -> NDArray[np.uint8]:
        """Latent symbols and means in steps, both [M, h, w] -> image [2 h, 2 w, 3].

        Raises:
            ModelError: The weights lead to numbers that are not finite.
        """
        height, width = means.shape[1:]
        rung = _at(self._ladder, quality)
        from_means = self._basis / np.exp(_at(self._log_gain, rung))
        from_symbols = from_means * np.exp(_at(self._log_step, rung))
        symbols = latent_symbols.reshape(len(means), -1).astype(np.float32)
        flat = multiply(from_means, means.reshape(len(means), -1))
        flat += multiply(from_symbols, symbols)
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


def _at(knots: NDArray[Any], place: float) -> Any:
    """Values at a place in 0..100, linear between knots at equal distances."""
    position = float(place) * (len(knots) - 1) / (QUALITIES - 1)
    low = min(int(position), len(knots) - 2)
    return knots[low] + (position - low) * (knots[low + 1] - knots[low])
