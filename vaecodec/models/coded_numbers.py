"""Tensors of a model <-> symbols that an entropy coder takes.

A tensor is a matrix of numbers, its rows flat pieces of equal length, such as the
weights of one output. Weights are close to a logistic law whose width differs from
output to output and from input to input: rows and columns have *scales*, and the sum of
both, the *index* of a number, says which of the stored laws it is coded with. Laws grow
twice as wide every four indexes. A number too large for any law has its lower bits
split off as raw bits. Rows and columns also have *units*, exponents of two:

    element = 2**(unit of its row + unit of its column) * (symbol * 2**shift + raw bits)

Curves over quality have *differences* in place of elements, of first or second order
along one axis. All is exact, floats included: those that are coded are whole multiples
of their unit. Specification: FORMAT.md, section 6.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.ans import SectionDecoder
from vaecodec.errors import ModelError

PER_OCTAVE = 4  # indexes
WIDEST = 27  # the last index that has a law of its own
MOST_SHIFT = 15
MOST_INDEX = WIDEST + PER_OCTAVE * MOST_SHIFT
MOST_UNIT = 64  # of floats, as an exponent of two, in either direction
MOST_INTEGER_UNIT = 31
MOST_SIDE = 1000  # of a scale or a unit
MOST_ORDER = 2
RUN = 1 << 16  # numbers

# By index: how many raw bits, and the row of the table set that codes the rest.
SHIFTS = (
    np.maximum(np.arange(MOST_INDEX + 1) - WIDEST + PER_OCTAVE - 1, 0) // PER_OCTAVE
).astype(np.uint8)
ROWS = (np.arange(MOST_INDEX + 1) - PER_OCTAVE * SHIFTS).astype(np.uint8)

_NOTHING = np.zeros(1, np.int16)


class Layout(NamedTuple):
    """How a tensor was made a matrix.

    Attributes:
        dtype: of the tensor.
        shape: of the tensor.
        columns: length of a row; divides the number of elements.
        order: of the differences, 0..2.
        axis: along which they were taken.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    columns: int
    order: int = 0
    axis: int = 0

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.size // self.columns

    @property
    def scaled_columns(self) -> int:
        """Number of columns with a scale and a unit: none in a matrix of one row."""
        return self.columns if self.rows > 1 else 0


class Sides(NamedTuple):
    """What stands beside the symbols; of one matrix, or of many one after the other.

    Attributes:
        row_scales: of each row.
        row_units: of each row.
        column_scales: of each scaled column.
        column_units: of each scaled column.
    """

    row_scales: NDArray[np.int16]
    row_units: NDArray[np.int16]
    column_scales: NDArray[np.int16]
    column_units: NDArray[np.int16]


def indexes(layout: Layout, sides: Sides) -> NDArray[np.uint8]:
    """Indexes [rows, columns] of a matrix."""
    columns = sides.column_scales if layout.scaled_columns else _NOTHING
    sums = np.add.outer(sides.row_scales, columns)
    clipped = np.clip(sums, 0, MOST_INDEX, out=sums).astype(np.uint8)
    return np.broadcast_to(clipped, (layout.rows, layout.columns))


def most_symbols(layout: Layout) -> int:
    """How many symbols a tensor has at most, raw bits included."""
    return 2 * (layout.size + layout.rows + layout.scaled_columns)


def runs(layouts: Iterable[Layout]) -> Iterator[list[Layout]]:
    """Layouts of tensors that are coded together: a run ends once it has `RUN` numbers.

    One by one, small tensors would take long; all at once, large ones would.
    """
    run: list[Layout] = []
    for layout in layouts:
        run.append(layout)
        if sum(each.size for each in run) >= RUN:
            yield run
            run = []
    if run:
        yield run


def read(
    decoder: SectionDecoder, layouts: Sequence[Layout], laws: Sequence[int]
) -> list[NDArray[Any]]:
    """Decode the tensors of one run.

    Args:
        decoder: of their payload.
        layouts: of the tensors.
        laws: rows of the table set that code each of `Sides`.

    Raises:
        FormatError: The payload is damaged.
        ModelError: A number does not fit the tensor's dtype.
    """
    rows = [layout.rows for layout in layouts]
    columns = [layout.scaled_columns for layout in layouts]
    counts = (rows, rows, columns, columns)
    streams = [
        _split(_running(decoder, sum(sizes), law), sizes)
        for sizes, law in zip(counts, laws, strict=True)
    ]
    sides = [Sides(*one) for one in zip(*streams, strict=True)]
    index = [indexes(*one).ravel() for one in zip(layouts, sides, strict=True)]
    values = _numbers(decoder, np.concatenate(index))
    numbers = _split(values, [layout.size for layout in layouts])
    return [_tensor(*one) for one in zip(layouts, numbers, sides, strict=True)]


def _running(decoder: SectionDecoder, count: int, law: int) -> NDArray[np.int16]:
    steps = decoder.get(np.full(count, law, np.uint8))
    sums = np.cumsum(steps, dtype=np.int64)
    if np.abs(sums).max(initial=0) > MOST_SIDE:
        raise ModelError(f"a coded tensor has a scale or unit beyond +-{MOST_SIDE}")
    return sums.astype(np.int16)


def _numbers(decoder: SectionDecoder, index: NDArray[np.uint8]) -> NDArray[np.int32]:
    numbers = decoder.get(ROWS.take(index)).astype(np.int32)
    wide = np.flatnonzero(index > WIDEST)
    widths = SHIFTS.take(index.take(wide))
    numbers[wide] = (numbers.take(wide) << widths) + decoder.get_bits(widths)
    return numbers


def _split(values: NDArray[Any], sizes: list[int]) -> list[NDArray[Any]]:
    return np.split(values, np.cumsum(sizes)[:-1])


def _tensor(layout: Layout, numbers: NDArray[np.int32], sides: Sides) -> NDArray[Any]:
    columns = sides.column_units if layout.scaled_columns else _NOTHING
    rows = sides.row_units
    _check_units(layout, rows.min() + columns.min(), rows.max() + columns.max())
    matrix: NDArray[Any] = numbers.reshape(layout.rows, layout.columns)
    if layout.dtype.kind == "f":
        matrix = np.ldexp(matrix.astype(np.float64), np.add.outer(rows, columns))
    elif layout.order or rows.any() or columns.any():
        matrix = matrix.astype(np.int64) << np.add.outer(rows, columns)
    values = matrix.reshape(layout.shape)
    for _ in range(layout.order):
        values = np.cumsum(values, axis=layout.axis)
    return _cast(values, layout.dtype)


def _check_units(layout: Layout, least: int, most: int) -> None:
    floats = layout.dtype.kind == "f"
    low, high = (-MOST_UNIT, MOST_UNIT) if floats else (0, MOST_INTEGER_UNIT)
    if least < low or most > high:
        raise ModelError(
            f"a coded tensor with units of 2**{least}..2**{most}, "
            f"allowed 2**{low}..2**{high}"
        )


def _cast(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    if values.min() < limits.min or values.max() > limits.max:
        raise ModelError(f"a coded tensor of {dtype} holds numbers beyond its range")
    cast = values.astype(dtype.newbyteorder("="))
    cast.flags.writeable = False
    return cast
