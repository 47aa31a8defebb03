"""How the hyper-latent is predicted: its second half from the first.

Arrays have channels last, [R, C, Z]. A position belongs to the first half where
channel, row and column add up to an even number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import QUALITIES, Indexes, Lattice, Quality
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.interfaces import (
    Tensors,
    check_program,
    check_takes,
    take_between,
)
from vaecodec.models.quadrants.parts import HYPER
from vaecodec.models.quadrants.rounding import (
    MOST_SHIFT,
    OFFSET_LIMIT,
    Floats,
    clamped,
    divided,
    row_offsets,
    table_rows,
    units,
)
from vaecodec.models.sizes import CELL, HYPER_LIMIT

# With a bound for the means, so of the differences that are coded.
SYMBOL_LIMITS = (HYPER_LIMIT, 2 * HYPER_LIMIT)


class HyperPrior:
    """Predicts both halves; may be shared between threads.

    Attributes:
        channels: Z.

    Raises:
        ModelError: The tensors of a model do not fit.
    """

    def __init__(self, tensors: Tensors, *, threads: int | None) -> None:
        shifts = take_between(
            tensors, "hyper.mean_shifts", np.int8, [None], (-MOST_SHIFT, MOST_SHIFT)
        )
        self.channels = shifts.size
        self._unit = units(shifts)
        offsets = take_between(
            tensors,
            "hyper.offsets",
            np.int32,
            [2, QUALITIES, self.channels],
            (-OFFSET_LIMIT, OFFSET_LIMIT),
        )
        self._offsets = row_offsets(offsets)
        self._engine = ExactEngine.from_tensors(HYPER, tensors, threads=threads)
        check_program(
            HYPER,
            program := self._engine.program,
            inputs={"first": (self.channels, CELL, Kind.SIGNED)},
            outputs={"both": (2 * self.channels, CELL, Kind.WIDE)},
        )
        check_takes(HYPER, program, "first", -HYPER_LIMIT, HYPER_LIMIT)

    def first_rows(self, quality: Quality) -> Indexes:
        """Rows of the tables [1, 1, Z], or of each cell [R, C, Z]."""
        offsets = self._offsets[0][quality]
        return table_rows(np.zeros_like(offsets), offsets)

    def second(self, first: NDArray[Any], quality: Quality) -> tuple[Floats, Indexes]:
        """Means and rows from the first half; only those of the second half count.

        Args:
            first: values [R, C, Z], 0 in the other half.
            quality: of the tile.
        """
        feeds = {"first": first.transpose(2, 0, 1)}
        sums = self._engine.run(feeds, quality)["both"].transpose(1, 2, 0)
        means, log_scales = np.split(sums, 2, axis=2)
        return (
            divided(means, self._unit, HYPER_LIMIT),
            table_rows(log_scales, self._offsets[1][quality]),
        )


def with_means(symbols: NDArray[Any], means: Floats) -> Floats:
    """Values of the second half."""
    return clamped(symbols + means, HYPER_LIMIT)


def half(shape: tuple[int, ...], number: int) -> NDArray[np.bool_]:
    """Where a half lies in [R, C, Z]."""
    row, column, channel = np.indices(shape, sparse=True)
    inside: NDArray[np.bool_] = (row + column + channel) % 2 == number
    return inside


def half_lattices(number: int) -> tuple[Lattice, ...]:
    """The same in [Z, R, C]."""
    return tuple(
        np.s_[channel::2, row::2, (channel + row + number) % 2 :: 2]
        for channel in (0, 1)
        for row in (0, 1)
    )
