"""Symbols of a tile -> others that cost less, by many small moves at once.

A move adds 1 to a symbol, or takes 1 from it. Its price is the change of bits under the
tables that hold now, and that of the distortion: its slope along the symbol, from the
painter followed backwards, and its curvature. One probe, in which all symbols are moved
a little at random, gives the mean curvature of each channel and that of each position.

Moves that pay are made together, at a quarter of the positions in each round, since
they disturb each other. Then all is priced anew. If the cost did not fall, the slopes
at both ends tell which moves were to blame; they are taken back, and the others are
kept if that helps. A round that gained less than it should have makes the next one more
careful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.search.objective import Objective
from vaecodec.codec.search.quantization import COST_CAP
from vaecodec.models.architecture import Floats, Integers, Quality, Symbols
from vaecodec.models.differentiable import Painting

ROUNDS = 5
ENOUGH = 2e-4  # of the cost: a round that promises less is not worth its time
PROBE = np.float32(0.25)  # how far all symbols are moved to see the curvature
# Times the curvature: more is more careful. What moves gain of what they should decides
# whether the next round is more or less so.
CAUTION, MORE, LESS = 0.7, 1.25, 0.8
POOR, GOOD = 0.3, 0.8
LOCAL = 0.3, 10.0  # how much it may differ from place to place
LEAST_CURVATURE = 0.4  # of the bits that the usual choice takes an error to be worth


@dataclass(frozen=True, eq=False)
class View:
    """What a tile and its surroundings look like, and where it lies in them.

    Attributes:
        painting: of the window.
        objective: of the window.
        latents: symbols of the last plane in the window [C, R, S].
        rows, columns: of the tile in these.
        counted: where levels are compared with the original [H, W].
        original: levels [C, H, W].
        worth: bits that a unit of the objective is worth.
    """

    painting: Painting
    objective: Objective
    latents: Integers
    rows: slice
    columns: slice
    counted: NDArray[np.bool_]
    original: Floats
    worth: float

    def look(self, symbols: NDArray[np.number]) -> tuple[float, Floats]:
        """Symbols of the tile -> distortion in bits, and its slope along them."""
        latents = self.latents.astype(np.float32)
        latents[:, self.rows, self.columns] = symbols
        levels = self.painting.levels(latents)
        shown = np.where(self.counted, levels, self.original)
        value, slope = self.objective(shown)
        slope *= self.counted * np.float32(self.worth)
        slopes = self.painting.slopes(slope)
        return value * self.worth, slopes[:, self.rows, self.columns]


@dataclass(frozen=True, eq=False)
class _State:
    """Symbols of the last plane of a tile, and what they cost.

    Attributes:
        symbols: [C, r, c].
        rows: of the frequency tables, for each.
        bits: of each.
        slopes: of the distortion, in bits.
        cost: of all, in bits.
    """

    symbols: Integers
    rows: NDArray[np.uint8]
    bits: Floats
    slopes: Floats
    cost: float


class TileSearch:
    """The search in one tile.

    Args:
        model: that codes it.
        view: of the tile.
        shape: rows and columns of pixels of the tile.
        quality: of the tile, [1, 1].
        seed: of the choice of positions.
    """

    def __init__(
        self,
        model: CodecModel,
        view: View,
        *,
        shape: tuple[int, int],
        quality: Quality,
        seed: int,
    ) -> None:
        self._model, self._view = model, view
        self._shape, self._quality = shape, quality
        self._random = np.random.default_rng(seed)
        self._costs = model.costs

    def improve(self, symbols: Symbols) -> Symbols:
        """Symbols of the tile that cost no more than these."""
        *others, last = symbols
        state = self._state(Symbols((*others, last.copy())))
        curvature, caution = self._curvature(state), CAUTION
        for _ in range(ROUNDS):
            moves, expected = self._moves(state, caution * curvature)
            if expected < ENOUGH * state.cost:
                break
            found = self._moved(state, moves, others)
            share = (state.cost - found.cost) / expected
            caution *= MORE if share < POOR else LESS if share > GOOD else 1
            if share <= 0:
                moves[self._gains(state, found, moves) <= 0] = 0
                found = self._moved(state, moves, others)
            if found.cost < state.cost:
                state = found
        return Symbols((*others, state.symbols))

    def _state(self, symbols: Symbols) -> _State:
        """Price symbols; those that no table can code become 0."""
        rows = self._settle(symbols)
        *_, last = symbols
        bits = self._bits(last, rows)
        distortion, slopes = self._view.look(last)
        return _State(last, rows, bits, slopes, distortion + float(bits.sum()))

    def _moved(
        self, state: _State, moves: Integers, others: Sequence[Integers]
    ) -> _State:
        return self._state(Symbols((*others, state.symbols + moves)))

    def _gains(self, before: _State, after: _State, moves: Integers) -> Floats:
        """What each of many moves was worth: by the mean of the slopes at both ends."""
        slopes = (before.slopes + after.slopes) / 2
        gains: Floats = before.bits - after.bits
        gains -= moves * slopes
        return gains

    def _settle(self, symbols: Symbols) -> NDArray[np.uint8]:
        """The rows of the tables of the last plane."""
        *_, last = symbols
        architecture = self._model.architecture
        predictor = architecture.predictor(*self._shape, self._quality)
        rows = np.zeros(last.shape, np.uint8)
        for number, step in enumerate(architecture.steps):
            indexes = predictor.predict(number, symbols).indexes
            if symbols.planes[step.plane] is last:
                predictor.scatter(number, indexes, rows)
                found = predictor.gather(number, last)
                found[~architecture.tables.is_coded[indexes]] = 0
                predictor.scatter(number, found, last)
        return rows

    def _bits(self, symbols: Integers, rows: NDArray[np.uint8]) -> Floats:
        bits: Floats = self._costs[rows, symbols.clip(-COST_CAP, COST_CAP) + COST_CAP]
        return bits

    def _moves(self, state: _State, curvature: Floats) -> tuple[Integers, float]:
        """Moves [C, r, c] of this round, and how many bits they should save."""
        up, down = (
            self._bits(state.symbols + np.int16(move), state.rows)
            - state.bits
            + move * state.slopes
            + curvature / 2
            for move in (1, -1)
        )
        price = np.minimum(up, down)
        chosen = (price < 0) & self._positions(price.shape)
        moves = np.where(up < down, 1, -1) * chosen
        return moves.astype(np.int16), float(-price[chosen].sum())

    def _positions(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """A quarter of the positions, no two of which touch."""
        top, left = self._random.integers(2, size=2)
        positions = np.zeros(shape[1:], np.bool_)
        positions[top::2, left::2] = True
        return positions

    def _curvature(self, state: _State) -> Floats:
        """Of the distortion along each symbol, in bits [C, r, c]."""
        either = np.array([-1, 1], np.float32)
        signs: Floats = self._random.choice(either, state.symbols.shape)
        _, slopes = self._view.look(state.symbols + PROBE * signs)
        probed: Floats = (slopes - state.slopes) / PROBE
        probed *= signs
        means = self._means(probed)
        local: Floats = (probed / means).mean(0)  # how it differs from place to place
        curvature: Floats = means * local.clip(*LOCAL)
        return curvature

    def _means(self, probed: Floats) -> Floats:
        """The mean of each channel on each lattice [C, r, c], above a floor."""
        architecture = self._model.architecture
        means = np.ones_like(probed)
        last = len(architecture.grid.planes) - 1
        for number, step in enumerate(architecture.steps):
            least = architecture.error_weights(number, self._quality)
            for places in step.lattices if step.plane == last else ():
                if probed[places].size:
                    mean = probed[places].mean((1, 2), keepdims=True)
                    floor = LEAST_CURVATURE * least[places[0]]
                    means[places] = np.maximum(mean, floor)
        return means
