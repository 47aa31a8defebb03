"""A second decoder, part six: the architecture `checkerboard`.

Written from vaecodec/models/checkerboard/SPEC.md alone, with the standard library.
"""

from __future__ import annotations

import struct
import zlib
from itertools import product

from tests.reference.layers import Grid, Layer, Planes, dense, depthwise, shuffle
from tests.reference.model import Model, refuse_unless

Position = tuple[int, int, int]

STEPS = 3
EXACT = "hyper.", "scale.", "tables."


class TileSteps:
    """The steps of one tile.

    Args:
        model: of this architecture.
        height, width: of the tile, in pixels.
        qualities: of each of its cells.
    """

    limits = 31, 32767, 32767

    def __init__(self, model: Model, height: int, width: int, qualities: Grid) -> None:
        self._model, self._qualities = model, qualities
        rows, columns = -(-height // 16), -(-width // 16)
        self._latent = latent_channels(model), rows, columns
        hyper = len(model["hyper.indexes"].rows()[0]), -(-rows // 4), -(-columns // 4)
        every = list(product(*map(range, self._latent)))
        groups = ([p for p in every if sum(p) % 2 == parity] for parity in (0, 1))
        self._shapes = hyper, self._latent, self._latent
        self._places = [list(product(*map(range, hyper))), *groups]
        self._known: Planes = []

    def table_rows(self, number: int, before: list[int]) -> list[int]:
        """The row of every symbol of a step; `before` are those of the step before."""
        if number == 0:
            rows = self._model["hyper.indexes"].rows()
            return [rows[self._qualities[y][x]][c] for c, y, x in self._places[0]]
        symbols = self._planes(number - 1, before)
        if number == 1:
            self._known = self._cut(features(self._model, symbols))
        chosen = PASSES[number - 1](self._model, self._known, symbols, self._at())
        return [chosen[c][y][x] for c, y, x in self._places[number]]

    def _planes(self, number: int, symbols: list[int]) -> Planes:
        """Lay out the symbols of one step, with 0 elsewhere."""
        channels, rows, columns = self._shapes[number]
        planes = [[[0] * columns for _ in range(rows)] for _ in range(channels)]
        for (c, y, x), symbol in zip(self._places[number], symbols, strict=True):
            planes[c][y][x] = symbol
        return planes

    def _cut(self, planes: Planes) -> Planes:
        _, rows, columns = self._latent
        return [[row[:columns] for row in plane[:rows]] for plane in planes]

    def _at(self) -> Grid:
        """The quality at every latent position."""
        _, rows, columns = self._latent
        cells = self._qualities
        return [[cells[y // 4][x // 4] for x in range(columns)] for y in range(rows)]


def latent_channels(model: Model) -> int:
    return len(model["scale.output_first.bias"].values())


def check_model(model: Model) -> None:
    """Refuse a model whose ids name other tensors, or that computes otherwise here."""
    names = {"architecture", "stream", "painter", "graph.synthesis"}
    refuse_unless(names <= model.metadata.keys(), "the metadata of the model")
    refuse_unless(model.metadata["architecture"] == "checkerboard", "architecture")
    stream = sorted(name for name in model if name.startswith(EXACT))
    refuse_unless(model.metadata["stream"] == " ".join(stream), "list of the stream")
    weights = model.metadata["graph.synthesis"].split()
    painter = " ".join(["graph.synthesis", *sorted(f"weights.{w}" for w in weights)])
    refuse_unless(model.metadata["painter"] == painter, "list of the painter")
    if "known_answer" in model:
        stored = model["known_answer"].data
        refuse_unless(stored == known_answer(model), "the known answer")


def known_answer(model: Model) -> bytes:
    """CRC-32 of the scale indexes of a made-up tile of 4 by 4 positions."""
    steps, channels = TileSteps(model, 64, 64, [[50]]), latent_channels(model)
    hyper = made_up_symbols(len(model["hyper.indexes"].rows()[0]))
    latent = made_up_symbols(16 * channels)
    every = list(product(range(channels), range(4), range(4)))
    first = [s for s, place in zip(latent, every, strict=True) if sum(place) % 2 == 0]
    groups = steps.table_rows(1, hyper), steps.table_rows(2, first)
    both = [iter(group) for group in groups]
    indexes = bytes(next(both[sum(place) % 2]) for place in every)
    return struct.pack("<I", zlib.crc32(indexes))


def made_up_symbols(count: int) -> list[int]:
    return [2654435761 * number % 2**32 // 2**28 - 8 for number in range(count)]


def layer(model: Model, name: str) -> Layer:
    weight, bias = model[f"scale.{name}.weight"], model[f"scale.{name}.bias"]
    return list(zip(weight.rows(), bias.values(), strict=True))


def features(model: Model, hyper: Planes) -> Planes:
    """D: what both passes know of the latent grid, at four times the hyper grid."""
    planes = [[[256 * symbol for symbol in row] for row in plane] for plane in hyper]
    for number in (1, 2):
        planes = shuffle(hidden(dense(layer(model, f"expand{number}"), planes)), 2)
        planes = hidden(depthwise(layer(model, f"spread{number}"), planes))
    return planes


def first_indexes(model: Model, known: Planes, _: Planes, at: Grid) -> Planes:
    inner = hidden(dense(layer(model, "hidden_first"), known))
    sums = dense(layer(model, "output_first"), inner)
    return output(model, 0, sums, at)


def second_indexes(model: Model, known: Planes, latent: Planes, at: Grid) -> Planes:
    """`latent` holds the symbols of the first group; others are not looked at."""
    sizes = model["scale.magnitudes"].values()
    magnitudes = [
        [
            [
                0 if (c + y + x) % 2 else sizes[min(abs(symbol), 15)]
                for x, symbol in enumerate(row)
            ]
            for y, row in enumerate(plane)
        ]
        for c, plane in enumerate(latent)
    ]
    gathered = hidden(dense(layer(model, "gather"), magnitudes))
    spread = hidden(depthwise(layer(model, "spread_symbols"), gathered))
    inner = hidden(dense(layer(model, "hidden_second"), spread + known))
    sums = dense(layer(model, "output_second"), inner)
    return output(model, 1, sums, at)


PASSES = (first_indexes, second_indexes)


def hidden(sums: Planes) -> Planes:
    return [
        [[min(max((s + 2**11) >> 12, 0), 4095) for s in row] for row in plane]
        for plane in sums
    ]


def output(model: Model, number: int, sums: Planes, at: Grid) -> Planes:
    """Scale indexes, of pass 0 or 1; `at` holds the quality of every position."""
    count = len(sums)
    offsets = model["scale.offsets"].rows()[number]
    return [
        [
            [
                min(max((s + offsets[quality * count + c] + 2**16) >> 17, 0), 63)
                for s, quality in zip(row, qualities, strict=True)
            ]
            for row, qualities in zip(plane, at, strict=True)
        ]
        for c, plane in enumerate(sums)
    ]
