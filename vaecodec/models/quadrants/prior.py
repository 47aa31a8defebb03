"""All that predicts symbols: halves of the hyper-latent, four steps of the latent."""

from __future__ import annotations

import functools

import numpy as np

from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES, Floats, Quality
from vaecodec.models.exact.interfaces import Tensors, take_between
from vaecodec.models.quadrants.hyper_prior import HyperPrior
from vaecodec.models.quadrants.latent_step import LatentStep, latent_limits
from vaecodec.models.quadrants.parts import STEPS
from vaecodec.models.quadrants.quarters import SQUARE_PIXELS, by_place
from vaecodec.models.quality import at_positions

OCTAVE = 2.0**-16  # what logarithms of the sender are multiples of
MOST_LOGARITHM = 64 << 16  # of magnitudes


class Prior:
    """The prior of one model; may be shared between threads.

    Args:
        tensors: of a model file.
        threads: of its engines; None takes all cores.

    Attributes:
        hyper: predicts the hyper-latent.
        steps: of the latent.
        channels: M.

    Raises:
        ModelError: The tensors do not fit.
    """

    def __init__(self, tensors: Tensors, *, threads: int | None) -> None:
        self._tensors = tensors
        self.hyper = HyperPrior(tensors, threads=threads)
        self.channels = latent_limits(tensors).size
        self.steps = tuple(
            LatentStep(number, tensors, self.hyper.channels, threads=threads)
            for number in range(len(STEPS))
        )
        widths = [step.feature_channels for step in self.steps]
        if len(set(widths)) > 1:
            raise ModelError(f"steps of {widths} features, expected one number")

    def gains(self, number: int, quality: Quality) -> Floats:
        """Steps in what latents count in, by which the sender multiplies means.

        [1, 1, 4, M / 4], or [rows, columns, 4, M / 4] of squares.
        """
        return self._gains[number][at_positions(quality, SQUARE_PIXELS)]

    @functools.cached_property
    def _gains(self) -> list[Floats]:
        """[101, 4, M / 4] for each step, which receivers do without."""
        shape = [QUALITIES, self.channels]
        gains = sender_curve(self._tensors, "gains", shape)
        return [by_place(gains, number) for number in range(len(STEPS))]


def sender_curve(tensors: Tensors, name: str, shape: list[int]) -> Floats:
    """What the sender alone reads of a file: `quantizer.log_<name>`, exponentiated.

    Raises:
        ModelError: The model has no such tensor of this shape, or it leaves the range
            of float32.
    """
    limits = -MOST_LOGARITHM, MOST_LOGARITHM
    stored = take_between(tensors, f"quantizer.log_{name}", np.int32, shape, limits)
    values: Floats = np.exp2(stored.astype(np.float64) * OCTAVE).astype(np.float32)
    return values
