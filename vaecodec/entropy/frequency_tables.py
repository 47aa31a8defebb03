"""Frequency tables: how often the entropy coder expects each value of a symbol.

In come two tensors of the model file, out go 64 rows of integer frequencies, one per
entry of the scale table; row k covers the values -L_k..+L_k and sums to 65536. Both
outer entries also stand for all values beyond them (saturating edges): the excess
over L_k follows as an Exp-Golomb code. A row with L_k = 0 is never coded, its symbols
are 0. The rows are integers in the model file, never computed from a distribution
while coding: that would differ between machines. See format/FORMAT.md, section 5.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError

ROWS = 64
PRECISION = 16  # every row sums to 2**16
TOTAL = 1 << PRECISION
VALUE_LIMIT = 2**15 - 1  # largest magnitude of a symbol
EXCESS_CLASSES = 16
# An excess e belongs to class floor(log2(e + 1)); the class is sent under these
# frequencies, then as many raw bits as its number says.
CLASS_FREQUENCIES = np.maximum(
    (TOTAL >> 1) >> np.arange(EXCESS_CLASSES, dtype=np.uint32), 2
).astype(np.uint32)


class TableSet:
    """The 64 frequency tables of a model.

    Attributes:
        limits: int32 [64], L_k of each row, 0..32767.
        rows: 64 arrays uint32 [2 * L_k + 1], each entry at least 1.
        is_coded: bool [64], False for the rows with L_k = 0.
    """

    def __init__(self, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        """Read ``tables.limits`` uint16 [64] and ``tables.frequencies`` uint16 [n].

        Raises:
            ModelError: A tensor does not fit, or a row does not sum to 65536.
        """
        limits = take_tensor(tensors, "tables.limits", np.uint16, [ROWS])
        self.limits: NDArray[np.int32] = limits.astype(np.int32)
        ends = np.cumsum(2 * self.limits.astype(np.int64) + 1)
        stored = take_tensor(tensors, "tables.frequencies", np.uint16, [int(ends[-1])])
        self.rows = np.split(stored.astype(np.uint32) + np.uint32(1), ends[:-1])
        self.is_coded: NDArray[np.bool_] = self.limits > 0
        for number, row in enumerate(self.rows):
            if int(row.sum(dtype=np.int64)) != TOTAL:
                raise ModelError(
                    f"frequency table {number} sums to {int(row.sum())}, "
                    f"expected {TOTAL}"
                )

    def cost_bits(self, *, cap: int = 63) -> NDArray[np.float32]:
        """Return float32 [64, 2 * cap + 1]: bits for the values -cap..cap per row.

        Escapes are included; a value that a row cannot code costs infinity.
        """
        return np.stack(
            [
                _row_cost(row, int(limit), cap)
                for row, limit in zip(self.rows, self.limits, strict=True)
            ]
        )

    @functools.cached_property
    def deviations(self) -> NDArray[np.float32]:
        """float32 [64]: the standard deviation of the symbols of each row.

        Values beyond the edges count as the edges.
        """
        squares = [np.arange(-limit, limit + 1) ** 2.0 for limit in self.limits]
        variances = [
            float(square @ row) / TOTAL
            for square, row in zip(squares, self.rows, strict=True)
        ]
        return np.sqrt(variances).astype(np.float32)


def quantize_frequencies(
    probabilities: Sequence[NDArray[np.floating]],
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Turn 64 rows of 2 * L + 1 probabilities into the two tensors of a model file.

    Every entry gets a frequency of at least 1; what is left of 65536 is shared in
    proportion, by the largest remainder. A row need not be normalised.

    Returns:
        ``tables.limits`` uint16 [64] and ``tables.frequencies`` uint16 [n].

    Raises:
        ValueError: The number of rows, the size of a row or its entries do not fit.
    """
    if len(probabilities) != ROWS:
        raise ValueError(f"{len(probabilities)} rows of probabilities, expected {ROWS}")
    rows = [_quantize_row(np.asarray(row, np.float64)) for row in probabilities]
    limits = np.array([len(row) // 2 for row in rows], np.uint16)
    return limits, (np.concatenate(rows) - 1).astype(np.uint16)


def excess_class(excess: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return floor(log2(excess + 1)), 0..15 for an excess of 0..65534."""
    # frexp reads the exponent field: exact, where a logarithm would round.
    return (np.frexp((excess + 1).astype(np.float64))[1] - 1).astype(np.int32)


def _row_cost(row: NDArray[np.uint32], limit: int, cap: int) -> NDArray[np.float32]:
    values = np.arange(-cap, cap + 1)
    if limit == 0:
        return np.where(values == 0, 0.0, np.inf).astype(np.float32)
    table_bits = PRECISION - np.log2(row[np.clip(values, -limit, limit) + limit])
    excess = np.abs(values) - limit
    classes = excess_class(np.maximum(excess, 0).astype(np.int32))
    escape_bits = PRECISION - np.log2(CLASS_FREQUENCIES[classes]) + classes
    return (table_bits + np.where(excess >= 0, escape_bits, 0.0)).astype(np.float32)


def _quantize_row(row: NDArray[np.float64]) -> NDArray[np.int64]:
    if row.ndim != 1 or row.size % 2 == 0 or row.size > TOTAL:
        raise ValueError(f"a row of shape {row.shape}, expected 2 L + 1 <= {TOTAL}")
    if not np.isfinite(row).all() or row.min() < 0 or row.max() <= 0:
        raise ValueError("a row of probabilities must be finite, >= 0 and not all 0")
    shares = _shares_with_floor(row)
    frequencies = np.floor(shares).astype(np.int64)
    # Entries held at the floor have remainder 0, so they are never raised: the
    # missing units are fewer than the entries above the floor.
    most_missing = np.argsort(frequencies - shares, kind="stable")
    frequencies[most_missing[: TOTAL - int(frequencies.sum())]] += 1
    return frequencies


def _shares_with_floor(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share out 65536 in proportion, holding at 1 every entry that would get less."""
    held = np.zeros(row.size, np.bool_)
    while True:
        free = row / row[~held].sum() * (TOTAL - int(held.sum()))
        too_low = ~held & (free < 1)
        if not too_low.any():
            return np.where(held, 1.0, free)
        held |= too_low
