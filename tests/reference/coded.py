"""A second decoder: the coded parts of a model file -> tensors.

Written from vaecodec/format/FORMAT.md alone, section 6, with the standard library.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import accumulate
from math import prod
from typing import NamedTuple

from tests.reference.model import (
    TYPES,
    Model,
    Tensor,
    frequency_sums,
    read_safetensors,
    refuse_unless,
)
from tests.reference.payload import Stack, read_section

MOST_BYTES, MOST_INDEX, RUN = 64 << 20, 87, 65536
ANY = 32767


class Laws(NamedTuple):
    limits: tuple[int, ...]
    tables: list[list[int]]


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


def read_any_model(data: bytes) -> Model:
    """Read a model file with or without coded parts."""
    tensors, metadata = read_safetensors(data)
    if "coded" in metadata:
        limits, frequencies = (
            tensors.pop(f"coded.tables.{name}").values()
            for name in ("limits", "frequencies")
        )
        laws = Laws(limits, frequency_sums(limits, frequencies))
        for part in metadata["coded"].split(" "):
            found = list(read_part(tensors.pop(part).data, laws))
            for name, tensor in found:
                refuse_unless(name not in tensors, "a tensor twice")
                tensors[name] = tensor
    return Model(tensors, metadata)


def read_part(data: bytes, laws: Laws) -> Iterator[tuple[str, Tensor]]:
    stream = zlib.decompressobj()
    inner = stream.decompress(data, MOST_BYTES)
    tensors, metadata = read_safetensors(inner)
    yield from tensors.items()
    rows = [int(row) for row in metadata.pop("laws").split(" ")]
    matrices = [describe(name, text) for name, text in metadata.items()]
    if not matrices:
        return
    stack, checksum = Stack(stream.unused_data), zlib.crc32(inner)
    run: list[Matrix] = []
    for matrix in matrices:
        run.append(matrix)
        if sum(prod(one.shape) for one in run) >= RUN or matrix is matrices[-1]:
            found, checksum = read_run(stack, laws, rows, run, checksum)
            yield from found
            run = []
    refuse_unless(stack.ends_with(checksum or 1), "the checksum of a coded part")


def describe(name: str, text: str) -> Matrix:
    dtype, sizes, *numbers = text.split(" ")
    columns, order, axis = map(int, numbers)
    return Matrix(name, dtype, [*map(int, sizes.split("x"))], columns, order, axis)


def read_run(
    stack: Stack, laws: Laws, rows: list[int], run: list[Matrix], checksum: int
) -> tuple[list[tuple[str, Tensor]], int]:
    all_rows, scaled = sum(m.rows for m in run), sum(m.scaled for m in run)
    sides = []
    for law, count in zip(rows, (all_rows, all_rows, scaled, scaled), strict=True):
        steps = read_section(stack, laws, [law] * count, ANY)
        checksum = zlib.crc32(struct.pack(f"<{count}h", *steps), checksum)
        sides.append(iter([*accumulate(steps)]))
    cut = [(matrix, *cut_sides(sides, matrix)) for matrix in run]
    indexes = [
        min(max(scale + column, 0), MOST_INDEX)
        for matrix, scales, _, columns, _ in cut
        for scale in scales
        for column in columns or [0] * matrix.columns
    ]
    shifts = [(index - 24) // 4 if index > 27 else 0 for index in indexes]
    tables = [i - 4 * s for i, s in zip(indexes, shifts, strict=True)]
    symbols = read_section(stack, laws, tables, ANY)
    checksum = zlib.crc32(struct.pack(f"<{len(symbols)}h", *symbols), checksum)
    raw = [stack.take_bits(shift) for shift in shifts if shift]
    checksum = zlib.crc32(struct.pack(f"<{len(raw)}h", *raw), checksum)
    bits = iter(raw)
    both = zip(symbols, shifts, strict=True)
    numbers = iter([v * 2**s + (next(bits) if s else 0) for v, s in both])
    found = []
    for matrix, _, units, _, columns in cut:
        values = [
            next(numbers) * 2.0 ** (unit + column)
            for unit in units
            for column in columns or [0] * matrix.columns
        ]
        found.append((matrix.name, tensor_of(matrix, values)))
    return found, checksum


def cut_sides(sides: list[Iterator[int]], matrix: Matrix) -> list[list[int]]:
    counts = (matrix.rows, matrix.rows, matrix.scaled, matrix.scaled)
    both = zip(sides, counts, strict=True)
    return [[next(side) for _ in range(count)] for side, count in both]


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
