"""The operations of exact programs: what each computes, in integers.

Tensors are integers [C, h, w] and have names. *Narrow* ones have 8 bits, -128..127
(signed) or 0..255; *wide* ones hold any integers of magnitude below 2**24. Such
integers, and sums of them in any order, are exact in float32, so engines may compute
with integers or with floats, whatever is fast, and must get the same numbers.

``rne`` rounds to the nearest integer, halves to the even one. A narrowed result is
``rne(value / 2**shift)``, clamped to the range of the signed or unsigned narrow tensor.

Letters in shapes: C channels, I and O channels of an input and an output.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Shifts = NDArray[np.int8]  # [1] for all channels, or [C]; 0..23


@dataclass(frozen=True, eq=False)
class Input:
    """A tensor that a program is given.

    Attributes:
        name: of the tensor.
        channels: C.
        low: its smallest value.
        high: its largest value.
        pixels: side of the square of image pixels that a position stands for.
        narrow: it is a narrow tensor, signed if ``low`` is negative.
        most: int16 [C], the largest magnitude of each channel; None: that of the range.
        price: int16 [C], 1 or more: at no position is the sum of the magnitudes, times
            these, above the budget; None: it may be any.
        budget: goes with prices.
    """

    name: str
    channels: int
    low: int
    high: int
    pixels: int
    narrow: bool = False
    most: NDArray[np.int16] | None = None
    price: NDArray[np.int16] | None = None
    budget: int = 0


@dataclass(frozen=True, eq=False)
class Narrow:
    """Wide -> narrow. One shift for all channels is faster than [C]."""

    source: str
    out: str
    shift: Shifts
    signed: bool


@dataclass(frozen=True, eq=False)
class Widen:
    """Narrow -> wide: ``source * 2**shift``."""

    source: str
    out: str
    shift: Shifts


@dataclass(frozen=True, eq=False)
class Pointwise:
    """A 1x1 layer: ``bias + sum(weight * source)``, narrowed with a shift, else wide.

    Attributes:
        source: wide or narrow.
        out: name of the result.
        weight: [O, I / groups]. Of a narrow source int8 -63..63: fast kernels of some
            x86 processors add two products in 16 bits. Of a wide source int16.
        bias: int32 [O].
        shift: [O] or [1]; None leaves the sums as they are.
        signed: of a narrowed result; None without a shift.
        groups: channels are split into so many parts, each with its own layer.
        lift: [O] or [1], multiplies wide sums by ``2**lift``, free of charge; None with
            a shift.
    """

    source: str
    out: str
    weight: NDArray[np.int8] | NDArray[np.int16]
    bias: NDArray[np.int32]
    shift: Shifts | None = None
    signed: bool | None = None
    groups: int = 1
    lift: Shifts | None = None


@dataclass(frozen=True, eq=False)
class Depthwise:
    """A k x k layer with one kernel per channel; narrow -> narrow.

    Outside of the tensor there are zeros.

    Attributes:
        source: narrow.
        out: name of the result.
        weight: int8 -127..127 [C, k, k], odd k, as torch has it (no flip). Fast
            kernels of ARM processors add two products in 16 bits.
        bias: int32 [C].
        shift: [C] or [1].
        signed: of the result.
    """

    source: str
    out: str
    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    shift: Shifts
    signed: bool


@dataclass(frozen=True, eq=False)
class Add:
    """``left * 2**left_shift + right * 2**right_shift``, wide; shifts [1] or [C]."""

    left: str
    right: str
    out: str
    left_shift: Shifts
    right_shift: Shifts


@dataclass(frozen=True, eq=False)
class Gain:
    """Multiply by what the quality asks for: ``source * table[quality]``, wide.

    Attributes:
        source: wide or narrow, at most 64 pixels a position.
        out: name of the result.
        table: int16 [101, C].
    """

    source: str
    out: str
    table: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Shuffle:
    """[C * by * by, h, w] -> [C, h * by, w * by] in the order of torch's pixel_shuffle.

    Attributes:
        source: wide or narrow.
        out: of the same kind.
        by: 2, 4 or 8.
    """

    source: str
    out: str
    by: int


@dataclass(frozen=True, eq=False)
class Quarters:
    """[C, h, w] -> [4 * C, h / 2, w / 2]: the positions of 2x2 cells, part by part.

    Channel ``p * C + c`` holds channel ``c`` at ``(2 * y + p // 2, 2 * x + p % 2)``.
    A `Pointwise` with four groups then has its own weights for each of the positions.
    """

    source: str
    out: str


@dataclass(frozen=True, eq=False)
class Unquarters:
    """The inverse of `Quarters`: [4 * C, h, w] -> [C, h * 2, w * 2]."""

    source: str
    out: str


Operation = (
    Narrow
    | Widen
    | Pointwise
    | Depthwise
    | Add
    | Gain
    | Shuffle
    | Quarters
    | Unquarters
)


def sources(operation: Operation) -> tuple[str, ...]:
    """Names of the tensors that an operation reads."""
    if isinstance(operation, Add):
        return operation.left, operation.right
    return (operation.source,)
