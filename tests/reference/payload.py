"""A second decoder, part five: the payloads of a tile -> its symbols.

Written from vaecodec/format/FORMAT.md alone, section 5, with the standard library.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from itertools import accumulate
from typing import Protocol

from tests.reference.model import Model, refuse_unless

CODING_CHUNK = 131072
CLASSES = [0, *accumulate([2**n for n in range(15, 1, -1)] + [2, 2])]


class Steps(Protocol):
    """The steps of one tile, as an architecture has them."""

    @property
    def limits(self) -> tuple[int, ...]:
        """The largest magnitude of the symbols of each."""

    def table_rows(self, number: int, before: list[int]) -> list[int]:
        """The row of every symbol of a step; `before` are those of the step before."""


def read_tile(
    model: Model, payloads: list[bytes], place: bytes, steps: Steps, *, fused: bool
) -> list[list[int]]:
    """The symbols of each step of a tile; the last payloads may be missing.

    `place` is all that the checksums of its payloads cover beside its symbols.
    """
    symbols: list[list[int]] = []
    for number, payload in enumerate(payloads):
        stack = Stack(payload)
        for step in range(len(steps.limits)) if fused else [number]:
            rows = steps.table_rows(step, symbols[-1] if symbols else [])
            symbols.append(read_section(stack, model, rows, steps.limits[step]))
        every = [symbol for step in symbols for symbol in step]
        checksum = zlib.crc32(place + struct.pack(f"<{len(every)}h", *every))
        refuse_unless(stack.ends_with(checksum or 1), "the symbols' checksum")
    return symbols


class Tables(Protocol):
    """What symbols are coded with: a model, or the laws of its coded parts."""

    @property
    def limits(self) -> tuple[int, ...]: ...

    @property
    def tables(self) -> list[list[int]]: ...


def read_section(stack: Stack, model: Tables, rows: list[int], limit: int) -> list[int]:
    """Decode symbols, of which each has its row of the tables."""
    symbols = [0] * len(rows)
    coded = [place for place, row in enumerate(rows) if model.limits[row] > 0]
    for start in range(0, len(coded), CODING_CHUNK):
        # Sorting keeps the order of places with the same row.
        chunk = sorted(coded[start : start + CODING_CHUNK], key=rows.__getitem__)
        read_coding_chunk(stack, model, rows, chunk, symbols)
    within = all(-limit <= symbol <= limit for symbol in symbols)
    refuse_unless(within, "a symbol out of range")
    return symbols


def read_coding_chunk(
    stack: Stack, model: Tables, rows: list[int], chunk: list[int], symbols: list[int]
) -> None:
    """Decode the symbols at the places of `chunk`, which are sorted by row."""
    for place in chunk:
        row = rows[place]
        symbols[place] = stack.take_entry(model.tables[row]) - model.limits[row]
    outer = [
        place for place in chunk if abs(symbols[place]) == model.limits[rows[place]]
    ]
    classes = [stack.take_entry(CLASSES) for _ in outer]
    for place, bits in zip(outer, classes, strict=True):
        beyond = 2**bits - 1 + (stack.take_bits(bits) if bits else 0)
        symbols[place] += beyond if symbols[place] > 0 else -beyond


class Stack:
    """The payload of a tile: 32-bit words, the newest last, and a state."""

    def __init__(self, payload: bytes) -> None:
        refuse_unless(payload[-1:] not in (b"", b"\0"), "the end of a payload")
        filled = payload + bytes(-len(payload) % 4)
        self._words = list(struct.unpack(f"<{len(filled) // 4}I", filled))
        self._state = 0
        self._refill()
        self._refill()

    def take_entry(self, sums: list[int], unit: int = 256) -> int:
        """Decode one entry of a table, given as the sums before each entry."""
        entry = bisect_right(sums, self._state % 2**24 // unit) - 1
        self._take(unit * (sums[entry + 1] - sums[entry]), unit * sums[entry])
        return entry

    def take_bits(self, count: int) -> int:
        width = 1 << (24 - count)
        bits = self._state % 2**24 // width
        self._take(width, bits * width)
        return bits

    def ends_with(self, state: int) -> bool:
        return not self._words and self._state == state

    def _take(self, width: int, start: int) -> None:
        self._state = (self._state >> 24) * width + self._state % 2**24 - start
        if self._state < 2**32:
            self._refill()

    def _refill(self) -> None:
        if self._words:
            self._state = (self._state << 32) + self._words.pop()
