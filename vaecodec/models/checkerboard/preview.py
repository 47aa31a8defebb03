"""Latents -> an image of an eighth of the size, without the synthesis transform.

A model's synthesis is a linear map from each latent position to its 16 x 16 pixels, and
a network that corrects it. The mean of 8 x 8 pixels is nearly all the linear map's, and
its means over such blocks are a map of twelve rows: two by two pixels of three colours.
"""

from __future__ import annotations

import numpy as np

from vaecodec.errors import ModelError
from vaecodec.models.architecture import REDUCTION, Floats
from vaecodec.models.checkerboard.dequantizer import Tensors, take_weights
from vaecodec.models.depth import BRIGHTEST
from vaecodec.models.engines.matrix_product import multiply
from vaecodec.models.sizes import PATCH

SIDE = PATCH // REDUCTION  # pixels of the preview along a latent position


class LinearPart:
    """The linear map of a model's synthesis, reduced to means of 8 x 8 pixels."""

    def __init__(self, tensors: Tensors, *, latent_channels: int) -> None:
        """Read the weights of a model.

        Raises:
            ModelError: It has no linear part, or one of another shape.
        """
        pixels, channels = 3 * PATCH**2, latent_channels
        shape = [pixels, channels, 1, 1]
        weight = take_weights(tensors, "synthesis.bypass.weight", shape)
        blocks = weight.reshape(3, SIDE, REDUCTION, SIDE, REDUCTION, channels)
        # [3, 2, 8, 2, 8, M] -> means of 8 x 8 pixels [12, M]
        self._basis = blocks.mean(axis=(2, 4)).reshape(-1, channels)
        # All that the network adds wherever it has nothing to correct.
        bias = take_weights(tensors, "synthesis.leave.bias", [3 * REDUCTION**2])
        self._level = np.float32(0.5) + bias.reshape(3, -1).mean(1)

    @np.errstate(over="ignore", invalid="ignore")
    def draw(self, latents: Floats) -> Floats:
        """Latents [M, h, w], as of the `Dequantizer` -> levels [2 h, 2 w, 3].

        Raises:
            ModelError: The weights lead to numbers that are not finite.
        """
        channels, height, width = latents.shape
        flat = multiply(self._basis, latents.reshape(channels, -1))  # [12, h * w]
        # [3, 2, 2, h, w] -> [h, 2, w, 2, 3]
        blocks = flat.reshape(3, SIDE, SIDE, height, width).transpose(3, 1, 4, 2, 0)
        samples = blocks.reshape(SIDE * height, SIDE * width, 3) + self._level
        if not np.isfinite(samples).all():
            raise ModelError("the linear part puts out numbers that are not finite")
        levels: Floats = samples * np.float32(BRIGHTEST)
        return levels
