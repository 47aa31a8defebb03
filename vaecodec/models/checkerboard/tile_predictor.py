"""Predictions for one tile: hyper-latent, first group, second group of the latent.

In come the symbols that are known, out go rows of the frequency tables. Those of the
hyper-latent depend on channel and quality alone, those of the first group on the
hyper-symbols, those of the second also on the magnitudes of the first around them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import (
    EVERYWHERE,
    Indexes,
    Prediction,
    Quality,
    Step,
    Symbols,
)
from vaecodec.models.checkerboard.board import Checkerboard, group_lattices
from vaecodec.models.checkerboard.scale_networks import Features, ScaleNetworks
from vaecodec.models.sizes import HYPER_LIMIT

HYPER, LATENT = 0, 1  # planes


def steps(means_reach: int) -> tuple[Step, ...]:
    """The steps of this architecture; see `Step.means_reach`."""
    groups = (
        Step(name, LATENT, group_lattices(number), means_reach=means_reach)
        for number, name in enumerate(("first group", "second group"))
    )
    hyper = Step("hyper-latent", HYPER, (EVERYWHERE,), HYPER_LIMIT, nearest=True)
    return hyper, *groups


class CheckerboardPredictor:
    """One tile of [h, w] latent positions; see `TilePredictor`.

    Args:
        networks: of the model.
        hyper_indexes: uint8 [101, Z], the row of every hyper-latent channel by quality.
        shape: h and w.
        quality: of the tile.
    """

    def __init__(
        self,
        networks: ScaleNetworks,
        hyper_indexes: Indexes,
        shape: tuple[int, int],
        quality: Quality,
    ) -> None:
        self._networks, self._hyper_indexes = networks, hyper_indexes
        self._quality = quality
        self._board = Checkerboard(*shape)
        self._features: Features | None = None  # of the hyper-symbols, for both groups

    def predict(self, step: int, known: Symbols) -> Prediction:
        """The rows of a step; means are float and computed elsewhere."""
        hyper, latent = known
        if step == 0:
            return Prediction(self._hyper_rows(hyper.shape))
        if self._features is None:
            self._features = self._networks.features(hyper, self._board)
        if step == 1:
            indexes = self._networks.first_indexes(self._features, self._quality)
        else:
            first = self._board.take(latent, 0)
            indexes = self._networks.second_indexes(
                self._features, first, self._quality
            )
        return Prediction(indexes.ravel())

    def gather(self, step: int, values: NDArray[Any]) -> NDArray[Any]:
        """[C, r, c] -> [n]."""
        return (self._board.take(values, step - 1) if step else values).ravel()

    def scatter(self, step: int, symbols: NDArray[Any], into: NDArray[Any]) -> None:
        """[n] -> their places in [C, r, c]."""
        if step == 0:
            into[:] = symbols.reshape(into.shape)
        else:
            # [n] -> [M / 2, h * w]
            group = symbols.reshape(len(into) // 2, -1)
            self._board.put(group, step - 1, into)

    def latents(self, known: Symbols) -> Symbols:
        """The symbols themselves: the painter computes its means again."""
        return known

    def _hyper_rows(self, shape: tuple[int, ...]) -> Indexes:
        rows = self._hyper_indexes[self._quality]  # [1, 1, Z] or [rows, columns, Z]
        return np.broadcast_to(rows.transpose(2, 0, 1), shape).ravel()
