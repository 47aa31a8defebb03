"""What SPEC.md says of a tile, position by position and in Python's integers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.reference import run
from vaecodec.models.exact.stored_program import parse_program

Tensors = Mapping[str, NDArray[Any]]
Position = tuple[int, int, int]  # channel, row, column


def clamp(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def divided(value: int, shift: int) -> int:
    """``rne(value / 2**shift)``."""
    return round(Fraction(value) / Fraction(2) ** shift)


def row_of(log_scale: int) -> int:
    return clamp(log_scale // 2**9, 0, 63)


def channel_of(step: int, place: int, number: int) -> int:
    return 4 * number + (place ^ (0, 3, 1, 2)[step])


class PlainPredictor:
    """One tile of so many pixels; `quality` [1, 1] or of each cell."""

    def __init__(
        self, tensors: Tensors, height: int, width: int, quality: NDArray[np.uint8]
    ) -> None:
        self._tensors, self._quality = tensors, quality
        self.cells = -(-height // 64), -(-width // 64)
        self.latent = -(-height // 16), -(-width // 16)
        self.values = np.zeros((len(tensors["hyper.mean_shifts"]), *self.cells), int)
        rows, columns = self.cells
        self.latents = np.zeros(
            (len(tensors["latent.limits"]), 4 * rows, 4 * columns), int
        )
        self._sums: NDArray[Any] = np.zeros(0)
        self._features: NDArray[Any] = np.zeros(0)

    def positions(self, step: int) -> Iterator[Position]:
        """Of a step, in the order of coding."""
        if step < 2:
            rows, columns = self.cells
            for y, x in product(range(rows), range(columns)):
                for z in range(len(self.values)):
                    if (z + y + x) % 2 == step:
                        yield z, y, x
            return
        for channel, y, x, _ in self._squares(step - 2):
            if y < self.latent[0] and x < self.latent[1]:
                yield channel, y, x

    def rows(self, step: int, planes: tuple[NDArray[Any], ...]) -> list[int]:
        """Rows of a step, when the planes hold the symbols of those before."""
        if step == 0:
            offsets = self._tensors["hyper.offsets"][0]
            return [
                row_of(int(offsets[self._at(y, x, 1), z]))
                for z, y, x in self.positions(0)
            ]
        if step == 1:
            return self._second_half(planes[0])
        if step == 2:
            self._take_second_half(planes[0])
            self._run("step0", hyper=self.values)
        else:
            known = self._settle(step - 3, planes[1])
            program = parse_program(f"step{step - 2}", self._tensors)
            facts = program.facts["features"]
            low, high = (limit[:, None, None] for limit in (facts.low, facts.high))
            features = self._features.clip(low, high)
            self._run(
                f"step{step - 2}", base=self._base, features=features, known=known
            )
        offsets = self._tensors["latent.offsets"][step - 2]
        return [
            row_of(self._sum(y, x, j, 1) + int(offsets[self._at(y, x, 4), c]))
            for c, y, x, j in self._squares(step - 2)
            if y < self.latent[0] and x < self.latent[1]
        ]

    def finish(self, plane: NDArray[Any]) -> None:
        """The latents of the last step, from the symbols of all."""
        self._settle(3, plane)

    def _second_half(self, symbols: NDArray[Any]) -> list[int]:
        for z, y, x in self.positions(0):
            self.values[z, y, x] = symbols[z, y, x]
        program = parse_program("hyper", self._tensors)
        first = self.values.astype(np.int32)
        self._sums = run(program, {"first": first})["both"]
        offsets, count = self._tensors["hyper.offsets"][1], len(self.values)
        return [
            row_of(
                int(self._sums[count + z, y, x]) + int(offsets[self._at(y, x, 1), z])
            )
            for z, y, x in self.positions(1)
        ]

    def _take_second_half(self, symbols: NDArray[Any]) -> None:
        for z, y, x in self.positions(1):
            shift = int(self._tensors["hyper.mean_shifts"][z])
            mean = clamp(divided(int(self._sums[z, y, x]), shift), -31, 31)
            self.values[z, y, x] = clamp(mean + int(symbols[z, y, x]), -31, 31)

    def _settle(self, step: int, symbols: NDArray[Any]) -> NDArray[Any]:
        """Latents of a step; what the next one is told of them."""
        tensors, quarter = self._tensors, len(self.latents) // 4
        known = np.zeros((8 * quarter, 2 * self.cells[0], 2 * self.cells[1]), np.int32)
        for c, y, x, j in self._squares(step):
            place, limit = 2 * (y % 2) + x % 2, int(tensors["latent.limits"][c])
            inside = y < self.latent[0] and x < self.latent[1]
            symbol = int(symbols[c, y, x]) if inside else 0
            shift = int(tensors["latent.mean_shifts"][step, place, j])
            mean = clamp(divided(self._sum(y, x, j, 0), shift), -limit, limit)
            width = int(tensors["latent.widths"][self._at(y, x, 4), c])
            latent = clamp(mean + divided(symbol * width, 9), -limit, limit)
            self.latents[c, y, x] = latent
            shift = int(tensors["latent.normal_shifts"][c])
            start = 2 * place * quarter + j
            row, column = y // 2, x // 2
            known[start, row, column] = clamp(divided(latent, shift), -128, 127)
            magnitude = tensors["latent.magnitudes"][min(abs(symbol), 15)]
            known[start + quarter, row, column] = magnitude
        return known

    def _run(self, name: str, **feeds: NDArray[Any]) -> None:
        program = parse_program(name, self._tensors)
        given = {key: feed.astype(np.int32) for key, feed in feeds.items()}
        found = run(program, given, self._quality)
        self._features, self._sums = found["context"], found["both"]
        self._base = found.get("base", feeds.get("base"))

    def _sum(self, y: int, x: int, number: int, part: int) -> int:
        place, quarter = 2 * (y % 2) + x % 2, len(self.latents) // 4
        channel = (2 * place + part) * quarter + number
        return int(self._sums[channel, y // 2, x // 2])

    def _squares(self, step: int) -> Iterator[tuple[int, int, int, int]]:
        """Channel, row, column and channel within the step, of whole cells."""
        rows, columns = self.cells
        for row, column, place in product(
            range(2 * rows), range(2 * columns), range(4)
        ):
            for number in range(len(self.latents) // 4):
                channel = channel_of(step, place, number)
                yield channel, 2 * row + place // 2, 2 * column + place % 2, number

    def _at(self, y: int, x: int, each: int) -> int:
        """Quality of a position of which a cell has so many along its side."""
        if self._quality.size == 1:
            return int(self._quality[0, 0])
        return int(self._quality[y // each, x // each])
