"""A second decoder: the coded parts of a model file -> tensors.

Written from vaecodec/format/FORMAT.md alone, section 6, with the standard library.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from math import prod
from typing import NamedTuple

from tests.reference.model import (
    TYPES,
    Model,
    Tensor,
    read_safetensors,
    refuse_unless,
)

MOST_BYTES, MOST_INDEX = 64 << 20, 92
EMPTY = Tensor("U8", [0], b"")


class Matrix(NamedTuple):
    name: str
    dtype: str
    shape: list[int]
    columns: int
    order: int
    axis: int

    @property
    def rows(self) -> int:
        return prod(self.shape) // self.columns

    @property
    def scaled(self) -> int:
        return self.columns if self.rows > 1 else 0


class Sides(NamedTuple):
    """Scales and units of rows and columns of one matrix; columns always have some."""

    row_scales: list[int]
    row_units: list[int]
    column_scales: list[int]
    column_units: list[int]


def read_any_model(data: bytes) -> Model:
    """Read a model file with or without coded parts."""
    tensors, metadata = read_safetensors(data)
    if "coded" in metadata:
        for part in metadata["coded"].split(" "):
            for name, tensor in read_part(tensors.pop(part).data):
                refuse_unless(name not in tensors, "a tensor twice")
                tensors[name] = tensor
    return Model(tensors, metadata)


def read_part(data: bytes) -> Iterator[tuple[str, Tensor]]:
    stream = zlib.decompressobj()
    tensors, metadata = read_safetensors(stream.decompress(data, MOST_BYTES))
    payload = stream.unused_data
    told = metadata.pop("coded.checksum")
    refuse_unless(told == f"{zlib.crc32(payload):08x}", "the checksum of a part")
    beside = {
        name: tensors.pop(f"coded.{name}", EMPTY)
        for name in ("laws", "rows", "columns", "outside", "low_bits")
    }
    yield from tensors.items()
    matrices = [describe(name, text) for name, text in metadata.items()]
    if matrices:
        yield from read_matrices(matrices, beside, payload)


def describe(name: str, text: str) -> Matrix:
    dtype, sizes, *numbers = text.split(" ")
    columns, order, axis = map(int, numbers)
    return Matrix(name, dtype, [*map(int, sizes.split("x"))], columns, order, axis)


def read_matrices(
    matrices: list[Matrix], beside: dict[str, Tensor], payload: bytes
) -> Iterator[tuple[str, Tensor]]:
    sides = list(cut_sides(matrices, beside))
    indexes = [
        min(max(scale + column, 0), MOST_INDEX)
        for each in sides
        for scale in each.row_scales
        for column in each.column_scales
    ]
    shifts = [(index - 29) // 4 if index > 32 else 0 for index in indexes]
    laws = [i - 4 * s for i, s in zip(indexes, shifts, strict=True)]
    outside = iter(beside["outside"].values())
    symbols = [
        next(outside) if symbol == -128 else symbol
        for symbol in read_lanes(payload, beside["laws"].rows(), laws)
    ]
    low_bits = read_low_bits(beside["low_bits"].data, shifts)
    parts = zip(symbols, shifts, low_bits, strict=True)
    numbers = iter([(symbol << shift) + low for symbol, shift, low in parts])
    for matrix, each in zip(matrices, sides, strict=True):
        values = [
            next(numbers) * 2.0 ** (unit + column)
            for unit in each.row_units
            for column in each.column_units
        ]
        yield matrix.name, tensor_of(matrix, values)


def cut_sides(matrices: list[Matrix], beside: dict[str, Tensor]) -> Iterator[Sides]:
    halves = []
    for name in ("rows", "columns"):
        values = beside[name].values()
        middle = len(values) // 2
        halves += [iter(values[:middle]), iter(values[middle:])]
    for matrix in matrices:
        counts = matrix.rows, matrix.rows, matrix.scaled, matrix.scaled
        both = zip(halves, counts, strict=True)
        rows = [[next(half) for _ in range(count)] for half, count in both]
        yield Sides(*(side or [0] * matrix.columns for side in rows))


def read_lanes(
    payload: bytes, frequencies: list[tuple[int, ...]], laws: list[int]
) -> list[int]:
    """The symbol of each element, which has one of the laws."""
    sums = [[0, *accumulate(law)] for law in frequencies]
    refuse_unless(all(law[-1] == 4096 for law in sums), "the sum of a law")
    lanes = 1
    while lanes < len(laws) / 1024:
        lanes *= 2
    states = [*struct.unpack(f"<{lanes}I", payload[: 4 * lanes])]
    refuse_unless(min(states) >= 2**16, "the state of a lane")
    words = iter([word for (word,) in struct.iter_unpack("<H", payload[4 * lanes :])])
    symbols = []
    for number, law in enumerate(laws):
        lane = number % lanes
        slot = states[lane] % 4096
        entry = bisect_right(sums[law], slot) - 1
        start, end = sums[law][entry : entry + 2]
        states[lane] = (end - start) * (states[lane] // 4096) + slot - start
        if states[lane] < 2**16:
            states[lane] = states[lane] * 2**16 + next(words)
        symbols.append(entry - 128)
    refuse_unless([*words] == [] and {*states} == {2**16}, "the end of a payload")
    return symbols


def read_low_bits(packed: bytes, shifts: list[int]) -> list[int]:
    """The low bits of each number; 0 where there are none."""
    bits = (byte >> place & 1 for byte in packed for place in range(8))
    values = [0] * len(shifts)
    for place in range(max(shifts, default=0)):
        for number, shift in enumerate(shifts):
            if shift > place:
                values[number] += next(bits) << place
    return values


def tensor_of(matrix: Matrix, values: list[float]) -> Tensor:
    stride = prod(matrix.shape[matrix.axis + 1 :])
    for _ in range(matrix.order):
        for place in range(len(values)):
            if place // stride % matrix.shape[matrix.axis]:
                values[place] += values[place - stride]
    kind = TYPES[matrix.dtype]
    exact = values if kind in "ef" else [*map(int, values)]
    data = struct.pack(f"<{len(exact)}{kind}", *exact)
    return Tensor(matrix.dtype, matrix.shape, data)
