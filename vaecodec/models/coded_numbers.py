"""Tensors of a model <-> small symbols that an entropy coder takes.

A tensor is a matrix of numbers, its rows flat pieces of equal length, such as the
weights of one output. Weights are close to a logistic law whose width differs from
output to output and from input to input: rows and columns have *scales*, and the sum of
both, the *index* of a number, says which of the stored laws it is coded with. Laws grow
twice as wide every four indexes. Of a number too large for any law the lower bits are
stored as they are, and numbers that are outside of their law as well. Rows and columns
also have *units*, exponents of two:

    element = 2**(unit of its row + unit of its column) * (symbol * 2**shift + low bits)

Curves over quality have *differences* in place of elements, of first or second order
along one axis. All is exact, floats included: those that are coded are whole multiples
of their unit. Specification: FORMAT.md, section 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.interleaved import LEAST
from vaecodec.errors import ModelError

PER_OCTAVE = 4  # indexes
WIDEST = 32  # the last index that has a law of its own
LAWS = WIDEST + 1
MOST_SHIFT = 15
MOST_INDEX = WIDEST + PER_OCTAVE * MOST_SHIFT
MOST_UNIT = 64  # of floats, as an exponent of two, in either direction
MOST_INTEGER_UNIT = 31
MOST_ORDER = 2
OUTSIDE = LEAST  # the symbol of a number that its law does not have


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
    """What stands beside the numbers of one matrix.

    Attributes:
        rows: int8 [2, rows], scale and unit of each row.
        columns: int8 [2, scaled columns], the same of columns.
    """

    rows: NDArray[np.int8]
    columns: NDArray[np.int8]

    def both(self, part: int) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Scales (0) or units (1) of rows and of columns; a 0 if these have none."""
        columns = self.columns[part] if self.columns.size else np.zeros(1)
        return self.rows[part].astype(np.int16), columns.astype(np.int16)


class Stored(NamedTuple):
    """All numbers of a part, as they are stored; n of them.

    Attributes:
        symbols: int8 [n].
        outside: int16, what stands for the symbols `OUTSIDE`.
        low_bits: uint8, packed.
    """

    symbols: NDArray[np.int8]
    outside: NDArray[np.int16]
    low_bits: NDArray[np.uint8]


def indexes(layout: Layout, sides: Sides) -> NDArray[np.uint8]:
    """Indexes [n] of the elements of a matrix."""
    sums = np.add.outer(*sides.both(0))
    found = np.empty((layout.rows, layout.columns), np.uint8)
    found[:] = sums.clip(0, MOST_INDEX)
    return found.ravel()


def shifts_of(index: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How many low bits are split off, by index."""
    shifts = np.maximum(index, np.uint8(WIDEST))
    shifts -= np.uint8(WIDEST + 1 - PER_OCTAVE)
    shifts >>= np.uint8(2)  # divided by PER_OCTAVE
    return shifts


def rows_of(index: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The law of the rest, by index."""
    beyond = shifts_of(index)
    beyond *= np.uint8(PER_OCTAVE)
    return np.subtract(index, beyond, out=beyond)


def stored(
    numbers: NDArray[np.int64], index: NDArray[np.uint8], laws: NDArray[np.uint16]
) -> Stored:
    """Numbers [n] of these indexes, ready to be coded under laws [laws, symbols]."""
    shifts = shifts_of(index)
    whole = numbers >> shifts
    symbols = whole.clip(OUTSIDE, -OUTSIDE - 1)
    unknown = laws[rows_of(index), symbols - LEAST] == 0
    outside = unknown | (symbols == OUTSIDE) | (symbols != whole)
    low_bits = numbers - (whole << shifts)
    return Stored(
        np.where(outside, OUTSIDE, symbols).astype(np.int8),
        whole[outside].astype(np.int16),
        pack_bits(low_bits[shifts > 0], shifts[shifts > 0]),
    )


def numbers_of(stored: Stored, index: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Inverse of `stored`.

    Raises:
        ModelError: It does not hold as much as its symbols ask for.
    """
    numbers = stored.symbols.astype(np.int32)
    [outside] = (stored.symbols == OUTSIDE).nonzero()
    if outside.size != stored.outside.size:
        raise ModelError(
            f"a coded part with {stored.outside.size} numbers outside of their laws, "
            f"expected {outside.size}"
        )
    numbers[outside] = stored.outside
    [wide] = (index > WIDEST).nonzero()
    widths = shifts_of(index.take(wide))
    numbers[wide] = numbers.take(wide) << widths | unpack_bits(stored.low_bits, widths)
    return numbers


def pack_bits(
    values: NDArray[np.int64], widths: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Numbers of 1..15 bits: the lowest bits of all of them, then the next ones."""
    planes = (values[widths > place] >> place & 1 for place in range(MOST_SHIFT))
    return np.packbits(np.concatenate([*planes]) == 1, bitorder="little")


def unpack_bits(
    packed: NDArray[np.uint8], widths: NDArray[np.uint8]
) -> NDArray[np.int32]:
    """Inverse of `pack_bits`.

    Raises:
        ModelError: There are more or fewer bytes.
    """
    count = int(widths.sum(dtype=np.int64))
    if packed.size != -(-count // 8):
        raise ModelError(f"{packed.size} bytes for {count} low bits of numbers")
    bits = np.unpackbits(packed, count=count, bitorder="little")
    values, taken = bits[: widths.size].astype(np.int32), widths.size
    places = np.flatnonzero(widths > 1)
    for place in range(1, MOST_SHIFT):
        plane = bits[taken : taken + places.size].astype(np.int32)
        values[places] += plane << place
        taken += places.size
        places = places[widths.take(places) > place + 1]
    return values


def tensor(layout: Layout, numbers: NDArray[np.int32], sides: Sides) -> NDArray[Any]:
    """A tensor from its numbers [n].

    Raises:
        ModelError: A number does not fit the tensor's dtype.
    """
    rows, columns = sides.both(1)
    _check_units(layout, rows, columns)
    matrix = numbers.reshape(layout.rows, layout.columns)
    multiply = _floats if layout.dtype.kind == "f" else _integers
    multiplied = multiply(matrix, rows, columns, order=layout.order)
    values = multiplied.reshape(layout.shape)
    for _ in range(layout.order):
        values = np.cumsum(values, axis=layout.axis)
    return _cast(values, layout.dtype)


def cut(values: NDArray[Any], sizes: Sequence[int]) -> list[NDArray[Any]]:
    """Pieces of these sizes along the last axis."""
    ends = np.cumsum(sizes).tolist()
    pairs = zip([0, *ends[:-1]], ends, strict=True)
    return [values[..., start:end] for start, end in pairs]


def _integers(
    matrix: NDArray[np.int32],
    rows: NDArray[np.int16],
    columns: NDArray[np.int16],
    *,
    order: int,
) -> NDArray[Any]:
    """Numbers times their units, in int64 where int32 is too short."""
    most = int(rows.max()) + int(columns.max())
    dtype = np.int64 if order or _largest(matrix) << most >= 2**31 else np.int32
    product: NDArray[Any] = matrix.astype(dtype, copy=False)
    for units in (rows[:, None], columns):
        if units.any():
            product = np.multiply(product, np.left_shift(1, units, dtype=dtype))
    return product


def _floats(
    matrix: NDArray[np.int32],
    rows: NDArray[np.int16],
    columns: NDArray[np.int16],
    *,
    order: int,
) -> NDArray[Any]:
    """The same in float64, or in float32 where that holds as much."""
    dtype = np.float64 if order or _largest(matrix) >= 2**24 else np.float32
    product: NDArray[Any] = matrix.astype(dtype)
    for units in (rows[:, None], columns):
        product *= np.ldexp(dtype(1), units)
    return product


def _largest(matrix: NDArray[np.int32]) -> int:
    """The largest magnitude."""
    return max(int(matrix.max()), -int(matrix.min()))


def _check_units(
    layout: Layout, rows: NDArray[np.int16], columns: NDArray[np.int16]
) -> None:
    floats = layout.dtype.kind == "f"
    low, high = (-MOST_UNIT, MOST_UNIT) if floats else (0, MOST_INTEGER_UNIT)
    least, most = rows.min() + columns.min(), rows.max() + columns.max()
    if (
        least < low
        or most > high
        or (not floats and min(rows.min(), columns.min()) < 0)
    ):
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
