"""A second decoder, part three: a model file, and the networks that choose tables.

Written from vaecodec/format/FORMAT.md alone, sections 5 and 6, with the standard
library. The numbers on a grid are a list of planes, one per channel, a plane is a list
of rows, and a row a list of integers.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from itertools import accumulate, pairwise
from math import prod
from operator import mul
from typing import Any, NamedTuple

Planes = list[list[list[int]]]
Layer = list[tuple[tuple[int, ...], int]]  # for each output its weights and bias

TYPES = {"U8": "B", "I8": "b", "I16": "h", "I32": "i", "U16": "H", "F16": "e"}
TYPES["F32"] = "f"


class Refused(Exception):
    """A file, or a model file, breaks a rule of the document."""


def refuse_unless(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


class Tensor(NamedTuple):
    shape: list[int]
    values: tuple[int, ...]

    def rows(self) -> list[tuple[int, ...]]:
        """The values, cut along the first axis."""
        size = prod(self.shape[1:])
        starts = range(0, len(self.values), size)
        return [self.values[start : start + size] for start in starts]


class Model:
    """The tensors of a model file that entropy decoding needs."""

    def __init__(self, data: bytes) -> None:
        self.id = hashlib.sha256(data).digest()[:8]
        self._tensors = read_safetensors(data)
        self.hyper_rows = self["hyper.indexes"].rows()
        self.magnitudes = self["scale.magnitudes"].values
        qualities = self["scale.offsets"].rows()
        self.latent_channels = len(qualities[0]) // 101
        self.offsets = [self._by_quality(pass_) for pass_ in qualities]
        self.limits = self["tables.limits"].values
        self.tables = self._tables(self["tables.frequencies"].values)
        if "known_answer" in self._tensors:
            stored = bytes(self["known_answer"].values)
            refuse_unless(stored == known_answer(self), "the known answer")

    def __getitem__(self, name: str) -> Tensor:
        refuse_unless(name in self._tensors, f"the model has no tensor {name}")
        return self._tensors[name]

    def layer(self, name: str) -> Layer:
        weight, bias = self[f"scale.{name}.weight"], self[f"scale.{name}.bias"]
        return list(zip(weight.rows(), bias.values, strict=True))

    def _by_quality(self, offsets: tuple[int, ...]) -> list[tuple[int, ...]]:
        return Tensor([101, self.latent_channels], offsets).rows()

    def _tables(self, stored: tuple[int, ...]) -> list[list[int]]:
        """For each row, the sums of the frequencies before each entry, and of all."""
        ends = accumulate([0, *(2 * limit + 1 for limit in self.limits)])
        rows = [stored[start:end] for start, end in pairwise(ends)]
        tables = [[0, *accumulate(f + 1 for f in row)] for row in rows]
        refuse_unless(all(sums[-1] == 65536 for sums in tables), "a table's sum")
        return tables


def read_safetensors(data: bytes) -> dict[str, Tensor]:
    """Read a whole file; it must be covered by its tensors."""
    refuse_unless(len(data) >= 8, "no table in the model file")
    begin = 8 + int.from_bytes(data[:8], "little")
    refuse_unless(begin <= len(data), "the table exceeds the model file")
    try:
        table = json.loads(data[8:begin], object_pairs_hook=_without_repetition)
    except ValueError as error:
        raise Refused(f"the table of the model file: {error}") from error
    entries = {name: table[name] for name in table if name != "__metadata__"}
    members = {"dtype", "shape", "data_offsets"}
    plain = all(entry.keys() == members for entry in entries.values())
    refuse_unless(plain, "the description of a tensor")
    spans = sorted(entry["data_offsets"] for entry in entries.values())
    ends = [0, *(end for _, end in spans)]
    covered = [start for start, _ in spans] == ends[:-1]
    refuse_unless(covered and ends[-1] == len(data) - begin, "holes in the model file")
    return {name: _tensor(data[begin:], **entry) for name, entry in entries.items()}


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_unless(len({name for name, _ in pairs}) == len(pairs), "a name twice")
    return dict(pairs)


def _tensor(
    data: bytes, dtype: str, shape: list[int], data_offsets: list[int]
) -> Tensor:
    refuse_unless(dtype in TYPES, f"dtype {dtype}")
    layout = f"<{prod(shape)}{TYPES[dtype]}"
    values = data[slice(*data_offsets)]
    refuse_unless(len(values) == struct.calcsize(layout), "size of a tensor")
    return Tensor(shape, struct.unpack(layout, values))


def known_answer(model: Model) -> bytes:
    """CRC-32 of the scale indexes of a made-up tile of 4 by 4 positions."""
    hyper = [[[symbol]] for symbol in made_up_symbols(len(model.hyper_rows[0]))]
    values = iter(made_up_symbols(16 * model.latent_channels))
    latent = [
        [[next(values) for _ in range(4)] for _ in range(4)]
        for _ in range(model.latent_channels)
    ]
    known = features(model, hyper)
    groups = [indexes(model, known, latent, 50) for indexes in PASSES]
    chosen = bytes(
        groups[(c + y + x) % 2][c][y][x]
        for c in range(model.latent_channels)
        for y in range(4)
        for x in range(4)
    )
    return struct.pack("<I", zlib.crc32(chosen))


def made_up_symbols(count: int) -> list[int]:
    return [2654435761 * number % 2**32 // 2**28 - 8 for number in range(count)]


def features(model: Model, hyper: Planes) -> Planes:
    """D: what both passes know of the latent grid, at four times the hyper grid."""
    planes = [[[256 * symbol for symbol in row] for row in plane] for plane in hyper]
    for number in (1, 2):
        planes = shuffle(hidden(dense(model.layer(f"expand{number}"), planes)))
        planes = hidden(depthwise(model.layer(f"spread{number}"), planes))
    return planes


def first_indexes(model: Model, known: Planes, _: Planes, quality: int) -> Planes:
    inner = hidden(dense(model.layer("hidden_first"), known))
    return output(dense(model.layer("output_first"), inner), model.offsets[0][quality])


def second_indexes(model: Model, known: Planes, latent: Planes, quality: int) -> Planes:
    """`latent` holds the symbols of the first group; others are not looked at."""
    magnitudes = [
        [
            [
                0 if (c + y + x) % 2 else model.magnitudes[min(abs(symbol), 15)]
                for x, symbol in enumerate(row)
            ]
            for y, row in enumerate(plane)
        ]
        for c, plane in enumerate(latent)
    ]
    gathered = hidden(dense(model.layer("gather"), magnitudes))
    spread = hidden(depthwise(model.layer("spread_symbols"), gathered))
    inner = hidden(dense(model.layer("hidden_second"), spread + known))
    sums = dense(model.layer("output_second"), inner)
    return output(sums, model.offsets[1][quality])


PASSES = (first_indexes, second_indexes)


def dense(layer: Layer, planes: Planes) -> Planes:
    """A 1x1 layer: for each position one scalar product per output."""
    grid = [list(zip(*rows, strict=True)) for rows in zip(*planes, strict=True)]
    return [
        [[bias + sum(map(mul, weight, inputs)) for inputs in row] for row in grid]
        for weight, bias in layer
    ]


def depthwise(layer: Layer, planes: Planes) -> Planes:
    """One k x k kernel per channel; beyond the grid there are zeros."""
    return [
        correlate(plane, weight, bias)
        for plane, (weight, bias) in zip(planes, layer, strict=True)
    ]


def correlate(
    plane: list[list[int]], kernel: tuple[int, ...], bias: int
) -> list[list[int]]:
    size = {9: 3, 25: 5}[len(kernel)]
    margin, width = size // 2, len(plane[0])
    empty = [[0] * (width + 2 * margin)] * margin
    padded = [*empty, *([0] * margin + row + [0] * margin for row in plane), *empty]
    return [
        [bias + sum(map(mul, kernel, window)) for window in _windows(rows, size)]
        for rows in (padded[y : y + size] for y in range(len(plane)))
    ]


def _windows(rows: list[list[int]], size: int) -> list[list[int]]:
    starts = range(len(rows[0]) - size + 1)
    return [[v for row in rows for v in row[x : x + size]] for x in starts]


def hidden(sums: Planes) -> Planes:
    return [
        [[min(max((s + 2**11) >> 12, 0), 4095) for s in row] for row in plane]
        for plane in sums
    ]


def output(sums: Planes, offsets: tuple[int, ...]) -> Planes:
    return [
        [[min(max((s + offset + 2**16) >> 17, 0), 63) for s in row] for row in plane]
        for plane, offset in zip(sums, offsets, strict=True)
    ]


def shuffle(planes: Planes) -> Planes:
    """[4 C, H, W] -> [C, 2 H, 2 W]."""
    height, width = 2 * len(planes[0]), 2 * len(planes[0][0])
    return [
        [
            [planes[c + 2 * (y % 2) + x % 2][y // 2][x // 2] for x in range(width)]
            for y in range(height)
        ]
        for c in range(0, len(planes), 4)
    ]
