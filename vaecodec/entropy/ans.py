"""Sections of symbols <-> the payload bytes of one tile.

In come sections (values with their scale indexes), in the order in which the decoder
will ask for them; out goes one stack of the asymmetric numeral system as bytes, and
back. What is particular to a stack is hidden here: the encoder keeps all sections and
pushes them last to first. Inside a section the symbols are grouped by table, because
a coder called once per table is much faster than once per symbol; that order is part
of the format. At the bottom of the stack lies a checksum of all values, and of what
the payload belongs to: decoding garbage never fails by itself, but it does not end on
that word either.

See format/FORMAT.md, section 5.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.coder import Coder
from vaecodec.entropy.excess import pop_excess, push_excess
from vaecodec.entropy.frequency_tables import (
    CLASS_FREQUENCIES,
    ROWS,
    VALUE_LIMIT,
    TableSet,
)
from vaecodec.errors import FormatError

CHUNK = 1 << 17  # coded symbols that are grouped together, at most
# A symbol takes at most 16 bits of table, 15 of excess class and 15 raw bits.
MOST_BYTES_PER_SYMBOL = 6
CHECKSUM_BYTES = 4

_EVERY_ROW = np.arange(ROWS, dtype=np.uint8)


class CodingTables:
    """The frequency tables of a model; each is made ready for a coder when needed."""

    def __init__(self, tables: TableSet, coder: type[Coder]) -> None:
        self.coder = coder
        self.limits = tables.limits
        self._frequencies = tables.rows
        self._rows: dict[int, Any] = {}
        self._is_coded = tables.is_coded
        self._first_coded = np.uint8(tables.is_coded.argmax())
        self.excess_classes = coder.make_table(CLASS_FREQUENCIES)

    def row(self, number: int) -> Any:
        """The table of a row that is coded."""
        if number not in self._rows:
            self._rows[number] = self.coder.make_table(self._frequencies[number])
        return self._rows[number]

    def coded(self, indexes: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Places of the symbols that are coded, of symbols with these rows."""
        places = np.flatnonzero(indexes >= self._first_coded)
        if self._is_coded[self._first_coded :].all():  # as in all models so far
            return places
        return places[self._is_coded.take(indexes.take(places))]


class SectionEncoder:
    """Collect sections, then write them as one payload.

    Attributes:
        checksum: CRC-32 of all that the payload depends on, so far.
    """

    def __init__(self, tables: CodingTables, *, checksum: int = 0) -> None:
        self.checksum = checksum
        self._tables = tables
        self._sections: list[Callable[[Coder], None]] = []

    def put(self, values: NDArray[np.int16], indexes: NDArray[np.uint8]) -> None:
        """Add a section: ``values`` int16 [n] and the row 0..63 of each, uint8 [n].

        Raises:
            ValueError: A value is not 0 in a row that is never coded.
        """
        coded = self._tables.coded(indexes)
        kept = values.take(coded)
        if np.count_nonzero(kept) != np.count_nonzero(values):
            raise ValueError("a symbol with a row of one entry is not 0")
        self.checksum = _checksum(values, self.checksum)
        section = kept.astype(np.int32), indexes.take(coded)
        # Not a method: an encoder that refers to itself would stay in memory.
        self._sections.append(partial(_push_section, self._tables, *section))

    def finish(self) -> bytes:
        """Return the payload of all sections."""
        coder = self._tables.coder(np.array([self.checksum or 1], np.uint32))
        for push in reversed(self._sections):
            push(coder)
        # The last word is not 0, so zero bytes at the end carry nothing.
        return coder.words().astype("<u4").tobytes().rstrip(b"\0")


class SectionDecoder:
    """Read the sections of one payload in the order in which they were put.

    Attributes:
        checksum: CRC-32 of all that the payload depends on, so far.
    """

    def __init__(
        self,
        payload: bytes,
        tables: CodingTables,
        *,
        symbol_count: int,
        checksum: int = 0,
    ) -> None:
        """Take a payload that holds ``symbol_count`` symbols in all.

        Raises:
            FormatError: The payload cannot belong to that many symbols.
        """
        most = CHECKSUM_BYTES + MOST_BYTES_PER_SYMBOL * symbol_count
        if not 1 <= len(payload) <= most:
            raise FormatError(
                f"a tile payload of {len(payload)} bytes, allowed 1..{most}"
            )
        if payload[-1] == 0:
            raise FormatError("a tile payload ends in a zero byte")
        padded = payload + bytes(-len(payload) % 4)
        words = np.frombuffer(padded, "<u4").astype(np.uint32)
        self._tables = tables
        self.checksum = checksum
        self._coder = tables.coder(words)

    def get(self, indexes: NDArray[np.uint8]) -> NDArray[np.int16]:
        """Return the values int16 [n] of the section with these rows, uint8 [n].

        Damage is noticed for certain in ``finish`` only.

        Raises:
            FormatError: A value is out of range.
        """
        values = np.zeros(indexes.size, np.int16)
        coded = self._tables.coded(indexes)
        for start in range(0, coded.size, CHUNK):
            positions = coded[start : start + CHUNK]
            rows = indexes.take(positions)
            order = np.argsort(rows, kind="stable")
            chunk = self._pop_chunk(rows.take(order))
            if coded.size == values.size:
                values[start : start + CHUNK][order] = chunk
            else:
                values[positions.take(order)] = chunk
        self.checksum = _checksum(values, self.checksum)
        return values

    def finish(self) -> None:
        """Check that exactly the checksum of all values is left.

        Raises:
            FormatError: It is not; the values returned so far are wrong.
        """
        if self._coder.words().tolist() != [self.checksum or 1]:
            raise FormatError("a tile payload is damaged: its checksum does not match")

    def _pop_chunk(self, indexes: NDArray[np.uint8]) -> NDArray[np.int32]:
        """The next values, of rows that ascend."""
        counts = np.diff(indexes.searchsorted(_EVERY_ROW, side="right"), prepend=0)
        limits = np.repeat(self._tables.limits, counts)
        grouped = np.concatenate(
            [
                self._coder.pop(count, self._tables.row(row))
                for row, count in enumerate(counts.tolist())
                if count
            ]
        )
        grouped -= limits
        escaped = np.flatnonzero(np.abs(grouped) == limits)
        excess = pop_excess(self._coder, escaped.size, self._tables.excess_classes)
        grouped[escaped] += np.sign(grouped[escaped]) * excess
        if np.abs(grouped[escaped]).max(initial=0) > VALUE_LIMIT:
            raise FormatError(f"a tile payload has a symbol beyond +-{VALUE_LIMIT}")
        return grouped


def _push_section(
    tables: CodingTables,
    values: NDArray[np.int32],
    indexes: NDArray[np.uint8],
    coder: Coder,
) -> None:
    for start in reversed(range(0, values.size, CHUNK)):
        end = start + CHUNK
        _push_chunk(tables, values[start:end], indexes[start:end], coder)


def _push_chunk(
    tables: CodingTables,
    values: NDArray[np.int32],
    indexes: NDArray[np.uint8],
    coder: Coder,
) -> None:
    order = np.argsort(indexes, kind="stable")
    values, limits = values[order], tables.limits[indexes[order]]
    magnitudes = np.abs(values)
    push_excess(
        coder, (magnitudes - limits)[magnitudes >= limits], tables.excess_classes
    )
    symbols = np.clip(values, -limits, limits) + limits
    end = symbols.size
    for row, count in reversed(list(_row_counts(indexes))):
        coder.push(symbols[end - count : end], tables.row(row))
        end -= count


def _row_counts(indexes: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Yield each row that occurs with its number of symbols, ascending."""
    counts = np.bincount(indexes, minlength=ROWS).tolist()
    return ((row, count) for row, count in enumerate(counts) if count)


def _checksum(values: NDArray[np.int16], before: int) -> int:
    return zlib.crc32(values.astype("<i2", copy=False).data, before)
