"""How to code a tensor of a model in the fewest bits, without changing a number.

In: a tensor; out: a `Plan`, the layout, the units and the scales that cost least. Laws
are logistic, as weights nearly are; files hold them, so that readers need no formula.
What would gain nothing has no plan.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.interleaved import LEAST, PRECISION, SYMBOLS
from vaecodec.models.coded_numbers import (
    LAWS,
    MOST_INDEX,
    MOST_INTEGER_UNIT,
    MOST_ORDER,
    MOST_UNIT,
    PER_OCTAVE,
    Layout,
    Sides,
    indexes,
    shifts_of,
)

NARROWEST = 0.125  # deviation of the first law
LOGISTIC_PER_DEVIATION = np.sqrt(3) / np.pi
PIECE = 32  # elements in a row that has a scale of its own
FEWEST = 64  # numbers in a tensor that is worth coding
LONGEST = 52  # bits of a float as a whole number
LONGEST_STEP = 1 << 29  # of coded numbers, in units
MOST_OUTSIDE = 2**15 - 1  # of what is left of a number without its low bits
MOST_SCALE = 127
TRIED = 2  # indexes on either side of the estimate
ROUNDS = 3  # of fitting scales of rows and of columns to each other

_WIDTHS = (
    NARROWEST
    * LOGISTIC_PER_DEVIATION
    * 2.0 ** ((np.arange(MOST_INDEX + 1) - 1) / PER_OCTAVE)
)


class Plan(NamedTuple):
    """A tensor ready to be coded.

    Attributes:
        layout: of the tensor.
        numbers: int64 [rows, columns], in their units.
        sides: of the matrix.
        bits: about as many as it will take.
    """

    layout: Layout
    numbers: NDArray[np.int64]
    sides: Sides
    bits: float


def plan(tensor: NDArray[Any]) -> Plan | None:
    """The cheapest way to code a tensor; None where it is better left alone."""
    whole = _as_integers(tensor)
    if tensor.size < FEWEST or tensor.dtype == np.uint8 or whole is None:
        return None
    values, unit = whole
    layouts = list(_layouts(tensor))
    matrices = [_matrix(values, layout) for layout in layouts]
    costs = [_rough_bits(matrix) for matrix in matrices]
    best = int(np.argmin(costs))
    if np.abs(matrices[best]).max() > LONGEST_STEP << MOST_INTEGER_UNIT:
        return None
    found = _fitted(layouts[best], matrices[best], unit)
    stored = 8 * len(zlib.compress(tensor.tobytes(), 9))
    return found if _fits(found) and found.bits < stored else None


def _fits(found: Plan) -> bool:
    """Whether all numbers can be stored, even those that laws do not have."""
    shifts = shifts_of(indexes(found.layout, found.sides))
    numbers = np.abs(found.numbers).ravel()
    outside = int((numbers >> shifts).max())
    return bool(numbers.max() <= LONGEST_STEP) and outside <= MOST_OUTSIDE


def _as_integers(tensor: NDArray[Any]) -> tuple[NDArray[np.int64], int] | None:
    """Whole numbers int64 of one unit, and its exponent of two; None if too long."""
    if tensor.dtype.kind != "f":
        return tensor.astype(np.int64), 0
    if not np.isfinite(tensor).all() or np.signbit(tensor[tensor == 0]).any():
        return None  # not even a zero may lose its sign
    mantissas, exponents = np.frexp(tensor.astype(np.float64))
    digits = np.ldexp(mantissas, 24).astype(np.int64)  # those of a float32 at most
    given = digits != 0
    lowest = (exponents - 24 + _trailing_zeros(digits))[given]
    unit = int(lowest.min(initial=0))
    if abs(unit) > MOST_UNIT or exponents.max() - unit > LONGEST:
        return None
    return np.ldexp(tensor.astype(np.float64), -unit).astype(np.int64), unit


def _trailing_zeros(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """By how many places each number can be shifted down; 62 for a zero."""
    lowest = np.where(values == 0, np.int64(1) << 62, values & -values)
    zeros: NDArray[np.int64] = np.frexp(lowest.astype(np.float64))[1].astype(np.int64)
    return zeros - 1


def _layouts(tensor: NDArray[Any]) -> Iterator[Layout]:
    """All layouts that are tried."""
    dtype = tensor.dtype.newbyteorder("<")
    short = max(size for size in range(1, PIECE + 1) if tensor.size % size == 0)
    pieces = {tensor.shape[-1], tensor.size // tensor.shape[0], short} - {1}
    for columns in sorted(pieces) or [1]:
        yield Layout(dtype, tensor.shape, columns)
        for axis in range(tensor.ndim):
            for order in range(1, MOST_ORDER + 1):
                yield Layout(dtype, tensor.shape, columns, order, axis)


def _matrix(values: NDArray[np.int64], layout: Layout) -> NDArray[np.int64]:
    for _ in range(layout.order):
        values = np.diff(values, axis=layout.axis, prepend=0)
    return values.reshape(layout.rows, layout.columns)


def _rough_bits(matrix: NDArray[np.int64]) -> float:
    """In proportion to what a matrix takes, to compare layouts."""
    means = np.abs(matrix).mean(axis=1)
    return float(np.log2(means + 0.3).mean() + 3 / matrix.shape[1])


def _fitted(layout: Layout, matrix: NDArray[np.int64], unit: int) -> Plan:
    row_units, column_units = _units(matrix)
    numbers = matrix >> (row_units[:, None] + column_units)
    magnitudes = np.abs(numbers).astype(np.float64)
    columns = np.zeros(layout.columns, np.int64)
    rows, bits = _fit(magnitudes, columns)
    for _ in range(ROUNDS if layout.scaled_columns else 0):
        tried, _ = _fit(magnitudes.T, rows)
        tried -= int(np.round(np.median(tried)))
        new_rows, new_bits = _fit(magnitudes, tried)
        if new_bits >= bits:
            break
        rows, columns, bits = new_rows, tried, new_bits
    scaled = layout.scaled_columns
    sides = Sides(
        _bytes(rows, row_units + unit),
        _bytes(columns[:scaled], column_units[:scaled]),
    )
    return Plan(layout, numbers, sides, bits + 3 * (layout.rows + scaled))


def _bytes(scales: NDArray[np.int64], units: NDArray[np.int64]) -> NDArray[np.int8]:
    """Both [2, n]. Scales may be any; units are those of what is coded anyway."""
    return np.stack([scales.clip(-MOST_SCALE, MOST_SCALE), units]).astype(np.int8)


def _units(
    matrix: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Exponents of rows and of columns by which all elements can be divided."""
    zeros = np.where(matrix == 0, MOST_INTEGER_UNIT, _trailing_zeros(matrix))
    columns = np.minimum(zeros.min(axis=0), MOST_INTEGER_UNIT)
    columns[~matrix.any(axis=0)] = 0
    if len(matrix) == 1:
        columns[:] = 0
    left = np.where(matrix == 0, MOST_INTEGER_UNIT, zeros - columns)
    rows = np.minimum(left.min(axis=1), MOST_INTEGER_UNIT - columns.max())
    rows[~matrix.any(axis=1)] = 0
    return rows, columns


def _fit(
    magnitudes: NDArray[np.float64], others: NDArray[np.int64]
) -> tuple[NDArray[np.int64], float]:
    """The best scale of each row, given those of the columns; and all bits."""
    flat = magnitudes * 2.0 ** (-others / PER_OCTAVE)
    # Mean magnitude of a logistic law: 2 ln 2 widths.
    estimate = flat.mean(axis=1) / (2 * np.log(2) * _WIDTHS[1])
    start = np.round(PER_OCTAVE * np.log2(np.maximum(estimate, 1.0))).astype(int) + 1
    tried = [start + step for step in range(-TRIED, TRIED + 1)]
    costs = np.stack([_bits(magnitudes, scale[:, None] + others) for scale in tried])
    best = costs.argmin(axis=0)
    every_row = np.arange(len(start))
    scales = np.stack(tried)[best, every_row]
    empty = ~magnitudes.any(axis=1)
    scales[empty] = -max(int(others.max()), 0)  # index 0 everywhere
    return scales.astype(np.int64), float(costs[best, every_row][~empty].sum())


def _bits(
    magnitudes: NDArray[np.float64], index: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Bits of each row of a matrix under the laws of its indexes."""
    clipped = index.clip(0, MOST_INDEX)
    shifts = shifts_of(clipped.astype(np.uint8))
    widths = _WIDTHS[clipped]
    steps = 2.0**shifts
    half = 0.5 * steps / widths
    probability = np.sinh(half) / (
        np.cosh(np.minimum(magnitudes / widths, 500)) + np.cosh(half)
    )
    bits = -np.log2(np.maximum(probability, 1e-12)) + shifts
    bits = np.where((clipped == 0) & (magnitudes > 0), 1e6, bits)
    sums: NDArray[np.float64] = np.where(
        clipped == 0, bits * (magnitudes > 0), bits
    ).sum(axis=1)
    return sums


def logistic_laws() -> NDArray[np.uint16]:
    """Frequencies [laws, symbols]; the first law is for what is nearly always 0."""
    laws = np.stack([_law(float(width)) for width in _WIDTHS[:LAWS]])
    # What rounding left over or took too much is that of the likeliest symbol.
    laws[:, -LEAST] += (1 << PRECISION) - laws.sum(axis=1)
    return laws.astype(np.uint16)


def _law(width: float) -> NDArray[np.int64]:
    """About as often as 4096 numbers of this width are each symbol, or outside."""
    edges = np.arange(LEAST, SYMBOLS + LEAST + 1) - 0.5
    below = (1 + np.tanh(edges / width / 2)) / 2
    counts = np.rint(np.diff(below) * (1 << PRECISION)).astype(np.int64)
    counts[0] = max(1, (1 << PRECISION) - counts[1:].sum())
    return counts
