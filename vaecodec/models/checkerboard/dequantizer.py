"""Symbols and means -> latents in units that are the same at every quality.

The networks behind the latent are trained on it divided by a gain that grows with the
quality; its symbols count steps, which are wider than 1 at low qualities. Both are
curves over the quality among a model's weights. The synthesis transform begins with a
factor for each channel, its spread, which turns units of the channel into those of a
linear transform that is about orthonormal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES, Floats, Integers, Quality
from vaecodec.models.names import WEIGHT
from vaecodec.models.quality import at_latents

Tensors = Mapping[str, NDArray[np.generic]]


class Dequantizer:
    """The gains, steps and spreads of a model.

    Args:
        tensors: of a model file.
        latent_channels: M.
        ladder: [11], as in `ladder`.

    Raises:
        ModelError: They are missing, or of another shape.
    """

    def __init__(
        self, tensors: Tensors, *, latent_channels: int, ladder: NDArray[np.float64]
    ) -> None:
        self._ladder = ladder
        shape = [None, latent_channels]
        self._log_gain = take_weights(tensors, "log_gain.knots", shape)
        self._log_step = take_weights(tensors, "log_inverse_gain.knots", shape)
        spread = [latent_channels, 1, 1]
        self._spread = take_weights(tensors, "synthesis.spread", spread)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def step_sizes(self, quality: Quality) -> Floats:
        """What a symbol of 1 adds to a latent: [M, 1, 1], or [M, h, w] of cells."""
        unit, step = self._at(quality)
        return step * unit

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def latents(self, symbols: Integers, means: Floats, quality: Quality) -> Floats:
        """Symbols and means, as they are in files, both [M, h, w] -> [M, h, w].

        Raises:
            ModelError: The weights lead to numbers that are not finite.
        """
        unit, step = self._at(quality)
        latents: Floats = symbols * step
        latents += means
        latents *= unit
        if not np.isfinite(latents).all():
            raise ModelError("the model dequantizes to numbers that are not finite")
        return latents

    def _at(self, quality: Quality) -> tuple[Floats, Floats]:
        """Spread by gain, and step: each [M, 1, 1] or [M, h, w]."""
        rung = curve(self._ladder, at_latents(quality))
        gain, step = (
            np.exp(curve(knots, rung)).transpose(2, 0, 1).astype(np.float32)
            for knots in (self._log_gain, self._log_step)
        )
        return self._spread / gain, step


def take_weights(tensors: Tensors, name: str, shape: Sequence[int | None]) -> Floats:
    """Weights of a network in float32.

    Raises:
        ModelError: There are none of this shape, or not all of them are finite.
    """
    stored = take_tensor(tensors, WEIGHT + name, np.float16, shape)
    values = stored.astype(np.float32)
    if not np.isfinite(values).all():
        raise ModelError(f"tensor {WEIGHT + name!r} holds numbers that are not finite")
    return values


def curve(knots: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
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
