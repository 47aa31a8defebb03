"""Integer arithmetic between the programs, in floats that hold the integers exactly.

Sums of programs are below 2**24, so float32 holds them, and holds them divided by any
power of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.frequency_tables import ROWS
from vaecodec.models.architecture import Indexes

MOST_SHIFT = 64
OFFSET_LIMIT = 2**24  # of magnitudes
ROW_UNIT = np.float32(2.0**-9)  # 1/8 nat, in multiples of 2**-12 nats

Floats = NDArray[np.float32]


def units(shifts: NDArray[np.int8]) -> Floats:
    """``2**-shift``, exactly."""
    return np.ldexp(np.float32(1), -shifts.astype(np.int32))


def divided(sums: NDArray[Any], unit: Floats, limits: Any) -> Floats:
    """``rne(sums / 2**shift)``, clamped to -limits..limits; for units of shifts."""
    quotients: Floats = np.multiply(sums, unit, dtype=np.float32)
    return clamped(np.rint(quotients, out=quotients), limits)


def clamped(values: NDArray[Any], limits: Any) -> NDArray[Any]:
    """Clamp to -limits..limits, in place."""
    np.minimum(values, limits, out=values)
    np.maximum(values, -limits, out=values)
    return values


def row_offsets(offsets: NDArray[np.int32]) -> Floats:
    """Offsets up to `OFFSET_LIMIT` as `table_rows` takes them."""
    return offsets.astype(np.float32) * ROW_UNIT


def table_rows(sums: NDArray[Any], offsets: Floats) -> Indexes:
    """Rows of the frequency tables, 0..63, for sums that stand for log scales."""
    rows: Floats = np.multiply(sums, ROW_UNIT, dtype=np.float32)
    # Inexact at most where both are large, and that is far from the rows there are.
    rows += offsets
    np.minimum(rows, ROWS - 1, out=rows)
    np.maximum(rows, 0, out=rows)
    return rows.astype(np.uint8)  # of what is not negative, this is the floor
