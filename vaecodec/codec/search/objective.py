"""What a sender that searches wants less of, and how it changes with the image.

In: levels of an original [C, H, W]; out: a function of decoded levels, whose value is
in units of the mean squared error of levels, with its slope along each of them.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vaecodec.codec.search.eye.graph import write_graph, write_original_graph
from vaecodec.codec.search.eye.numbers import STRUCTURE_FACTOR, STRUCTURE_POWER
from vaecodec.models.architecture import Floats
from vaecodec.models.engines.written_graphs import WrittenGraphs

ORIGINAL, MEASURE = "original for the eye", "measure for the eye"
_GRAPHS = WrittenGraphs(
    {ORIGINAL: write_original_graph, MEASURE: write_graph}, threads=1
)


class Objective(Protocol):
    """A measure of distortion beside one original."""

    def __call__(self, decoded: Floats) -> tuple[float, Floats]:
        """Decoded levels [C, H, W] -> the measure, and its slope [C, H, W]."""


class SquaredError:
    """The mean squared error of levels; see `Objective`."""

    def __init__(self, original: Floats) -> None:
        self._original = original

    def __call__(self, decoded: Floats) -> tuple[float, Floats]:
        """Decoded levels -> the error and its slope."""
        error = decoded - self._original
        slope = error * np.float32(2 / error.size)
        return float(np.square(error).mean(dtype=np.float64)), slope


class EyeMeasure:
    """What models for the eye are trained for; see `Objective`.

    Args:
        original: levels [3, H, W], H and W multiples of 32.
        lmbda: bits per pixel that a unit of the measure is worth.
    """

    def __init__(self, original: Floats, *, lmbda: float) -> None:
        worth = STRUCTURE_FACTOR * lmbda**STRUCTURE_POWER
        given = {"original": original[None]}
        found = _GRAPHS.run(ORIGINAL, given)
        self._feeds = given | found | {"worth": np.array([worth], np.float32)}

    def __call__(self, decoded: Floats) -> tuple[float, Floats]:
        """Decoded levels -> the measure and its slope."""
        found = _GRAPHS.run(MEASURE, self._feeds | {"decoded": decoded[None]})
        total, slope = found.values()
        return total.item(), slope[0]
