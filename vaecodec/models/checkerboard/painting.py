"""The painter of a model, there and back: levels from any latents, and their slopes.

In: what a model file holds; out: `Painting`, one for each window. See `painting_graphs`
for what is computed.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Floats, Quality
from vaecodec.models.checkerboard.board import group_lattices
from vaecodec.models.checkerboard.dequantizer import Tensors, curve, take_weights
from vaecodec.models.checkerboard.painting_graphs import PaintingGraphs
from vaecodec.models.engines.written_graphs import WrittenGraphs
from vaecodec.models.names import WEIGHT

PRIOR, LEVELS, SLOPES = "prior", "levels", "slopes"


class PaintingNetworks:
    """The graphs of one model, and its curves; may be shared between threads.

    Args:
        tensors: of a model file.
        ladder: [11], as in `ladder`.
        threads: per call; None takes all cores.
    """

    def __init__(
        self, tensors: Tensors, *, ladder: NDArray[np.float64], threads: int | None
    ) -> None:
        self._tensors, self._ladder = tensors, ladder
        graphs = PaintingGraphs(
            tensors, coarse=_blocks(tensors, "coarse"), fine=_blocks(tensors, "fine")
        )
        writers = {PRIOR: graphs.prior, LEVELS: graphs.levels, SLOPES: graphs.slopes}
        self.graphs = WrittenGraphs(writers, threads=threads)

    def curve(self, name: str, quality: Quality, *, sign: int = 1) -> Floats:
        """A curve of gains at a quality [1, 1], or its inverse: [1, C, 1, 1]."""
        knots = take_weights(self._tensors, f"{name}.knots", [None, None])
        values = curve(knots, curve(self._ladder, quality))
        gains: Floats = np.exp(sign * values).astype(np.float32)
        return gains.transpose(2, 0, 1)[None]


class CheckerboardPainting:
    """A window; see `Painting`.

    Args:
        networks: of the model.
        hyper: hyper-symbols [Z, h / 4, w / 4].
        quality: of the window, [1, 1].
    """

    def __init__(
        self, networks: PaintingNetworks, hyper: NDArray[np.int16], quality: Quality
    ) -> None:
        self._networks = networks
        step = networks.curve("log_inverse_gain", quality)
        self._shared = {
            "step": step * networks.curve("log_gain", quality, sign=-1),
            "gain": networks.curve("synthesis.gain", quality),
        }
        gain = networks.curve("hyper_synthesis.gain", quality)
        feeds = {"hyper": hyper[None].astype(np.float32), "gain": gain}
        [self._prior] = networks.graphs.run(PRIOR, feeds).values()
        self._sides: dict[str, NDArray[Any]] = {}

    def levels(self, symbols: Floats) -> Floats:
        """Symbols [M, h, w] -> levels [C, H, W]."""
        first = np.zeros((1, *symbols.shape), np.float32)
        for places in group_lattices(0):
            first[0][places] = 1
        self._shared["first"] = first
        feeds = {**self._shared, "symbols": symbols[None], "prior": self._prior}
        found = self._networks.graphs.run(LEVELS, feeds)
        name, *sides = found
        self._sides = {side: found[side] for side in sides}
        levels: Floats = found[name][0]
        return levels

    def slopes(self, along: Floats) -> Floats:
        """Along levels [C, H, W] -> along symbols [M, h, w]."""
        feeds = {**self._shared, **self._sides, "along": along[None]}
        [found] = self._networks.graphs.run(SLOPES, feeds).values()
        slopes: Floats = found[0]
        return slopes


def _blocks(tensors: Tensors, part: str) -> list[str]:
    """Names of the residual blocks of a part of the painter, in their order."""
    pattern = re.compile(rf"{re.escape(WEIGHT)}synthesis\.{part}\.(\d+)\.")
    numbers = {int(found[1]) for name in tensors if (found := pattern.match(name))}
    return [f"synthesis.{part}.{number}" for number in sorted(numbers)]
