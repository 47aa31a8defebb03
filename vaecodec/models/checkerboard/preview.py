"""Latents -> an image of an eighth of the size, without the synthesis transform.

A model's synthesis is a linear map from each latent position to its 16 x 16 pixels, and
a network that corrects it. The mean of 8 x 8 pixels is nearly all the linear map's, and
its means over such blocks are a map of few rows: two by two pixels of each channel.
"""

from __future__ import annotations

import numpy as np

from vaecodec.errors import ModelError
from vaecodec.format.roles import MAX_CHANNELS
from vaecodec.models.architecture import REDUCTION, Floats
from vaecodec.models.checkerboard.dequantizer import Tensors, take_weights
from vaecodec.models.depth import BRIGHTEST
from vaecodec.models.engines.matrix_product import multiply
from vaecodec.models.sizes import PATCH

LEAVE_BIAS = "synthesis.leave.bias"
SIDE = PATCH // REDUCTION  # pixels of the preview along a latent position


def image_channels(tensors: Tensors) -> int:
    """C of the image that a model paints.

    Raises:
        ModelError: It paints none, or one of more channels than a file may have.
    """
    size = len(take_weights(tensors, LEAVE_BIAS, [None]))
    channels, rest = divmod(size, REDUCTION**2)
    if rest or not 1 <= channels <= MAX_CHANNELS:
        raise ModelError(f"the model paints {size} numbers for 8 x 8 pixels")
    return channels


class LinearPart:
    """The linear map of a model's synthesis, reduced to means of 8 x 8 pixels.

    Args:
        tensors: of a model file.
        latent_channels: M.

    Raises:
        ModelError: It has no linear part, or one of another shape.
    """

    def __init__(self, tensors: Tensors, *, latent_channels: int) -> None:
        channels = image_channels(tensors)
        shape = [channels * PATCH**2, latent_channels, 1, 1]
        weight = take_weights(tensors, "synthesis.bypass.weight", shape)
        blocks = weight.reshape(channels, SIDE, REDUCTION, SIDE, REDUCTION, -1)
        # [C, 2, 8, 2, 8, M] -> means of 8 x 8 pixels [4 C, M]
        self._basis = blocks.mean(axis=(2, 4)).reshape(-1, latent_channels)
        # All that the network adds wherever it has nothing to correct.
        bias = take_weights(tensors, LEAVE_BIAS, [channels * REDUCTION**2])
        self._level = np.float32(0.5) + bias.reshape(channels, -1).mean(1)

    @np.errstate(over="ignore", invalid="ignore")
    def draw(self, latents: Floats) -> Floats:
        """Latents [M, h, w], as of the `Dequantizer` -> levels [2 h, 2 w, C].

        Raises:
            ModelError: The weights lead to numbers that are not finite.
        """
        rows, height, width = latents.shape
        flat = multiply(self._basis, latents.reshape(rows, -1))  # [4 C, h * w]
        squares = flat.reshape(-1, SIDE, SIDE, height, width)  # [C, 2, 2, h, w]
        blocks = squares.transpose(3, 1, 4, 2, 0)  # [h, 2, w, 2, C]
        samples = blocks.reshape(SIDE * height, SIDE * width, -1) + self._level
        if not np.isfinite(samples).all():
            raise ModelError("the linear part puts out numbers that are not finite")
        levels: Floats = samples * np.float32(BRIGHTEST)
        return levels
