"""Latents -> an image of an eighth of the size, without the painter's network.

The painter is a linear map from each latent position to its 16 x 16 pixels, and a
network that corrects it. The mean of 8 x 8 pixels is nearly all the linear map's, and
its means over such blocks are a map of twelve rows: two by two pixels of three colours.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.models.architecture import REDUCTION
from vaecodec.models.depth import Samples, exact_samples_of
from vaecodec.models.engines.matrix_product import multiply
from vaecodec.models.exact.operations import Narrow, Operation, Pointwise
from vaecodec.models.exact.program import Program
from vaecodec.models.sizes import PATCH

SIDE = PATCH // REDUCTION  # pixels of the preview along a latent position
# Operations of the painter: the map, the last layer of the network, and their sum.
LINEAR, DETAIL, LEVELS = "bypass", "detail", "levels"
ROWS = 3 * PATCH**2

Kind = TypeVar("Kind", Pointwise, Narrow)


class LinearPart:
    """The linear map of a painter, reduced to means of 8 x 8 pixels.

    Attributes:
        lengths: float32 [M], of what 1 in a channel adds to samples 0..1 of a patch.

    Raises:
        ModelError: It has none.
    """

    def __init__(self, painter: Program) -> None:
        linear = _find(painter, LINEAR, Pointwise)
        detail = _find(painter, DETAIL, Pointwise)
        levels = _find(painter, LEVELS, Narrow)
        rows = len(linear.weight), SIDE**2 * len(detail.weight)
        if rows != (ROWS, ROWS) or levels.shift.size > 1:
            raise ModelError("the painter has no linear part that can be drawn alone")
        unit = np.ldexp(1.0, -int(levels.shift[0]))
        # Rows are [3, 8, 8, 2, 2]: places in a block, then blocks.
        blocks = linear.weight.reshape(3, REDUCTION**2, SIDE**2, -1)
        self._basis = (blocks.mean(axis=1) * unit).reshape(3 * SIDE**2, -1)
        lengths = np.sqrt(np.square(linear.weight, dtype=np.float64).sum(axis=0))
        self.lengths = (lengths * (unit / 255)).ravel().astype(np.float32)
        # All that the network adds wherever it has nothing to correct.
        added = np.ldexp(detail.bias, 0 if detail.lift is None else detail.lift)
        bias = linear.bias.reshape(3, REDUCTION**2, SIDE**2)
        bias = bias + added.reshape(3, REDUCTION**2, 1)
        self._levels = (bias.mean(axis=1) * unit).reshape(-1, 1)

    def draw(self, latents: NDArray[np.int16], depth: int) -> Samples:
        """Latents [M, h, w] -> image [2 h, 2 w, 3]."""
        channels, height, width = latents.shape
        flat = latents.reshape(channels, -1).astype(np.float64)
        levels = multiply(self._basis, flat) + self._levels  # [12, h * w]
        # [3, 2, 2, h, w] -> [h, 2, w, 2, 3]
        blocks = levels.reshape(3, SIDE, SIDE, height, width).transpose(3, 1, 4, 2, 0)
        pixels = blocks.reshape(SIDE * height, SIDE * width, 3)
        return exact_samples_of(pixels, depth)


def _find(painter: Program, out: str, kind: type[Kind]) -> Kind:
    found: list[Operation] = [each for each in painter.operations if each.out == out]
    if not found or not isinstance(found[0], kind):
        raise ModelError(f"the painter has no {kind.__name__.lower()} {out!r}")
    return found[0]
