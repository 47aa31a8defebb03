"""What is known of a tensor before a program runs, and what is checked of its parts.

Every check raises a `ModelError` that names the value and what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.errors import ModelError
from vaecodec.models.exact.operations import Shifts

EXACT_LIMIT = 2**24  # float32 holds every integer of smaller magnitude
# Fast kernels add two products in 16 bits before they go on in 32: of 1x1 layers with
# 0..255 on x86 without VNNI, of depthwise layers with -128..127 on ARM.
POINTWISE_LIMIT, DEPTHWISE_LIMIT = 63, 127  # magnitudes of weights, of narrow sources
MOST_SHIFT = 23
MOST_CHANNELS = 4096
MOST_PIXELS = 256
MOST_GROUPS = 16
LARGEST_KERNEL = 15
CELL = 64  # pixels along a side of what has its own quality
QUALITIES = 101

Limits = NDArray[np.int64]  # [C]


class Kind(Enum):
    """How a tensor may be held; the value is the range of its numbers."""

    WIDE = (1 - EXACT_LIMIT, EXACT_LIMIT - 1)
    SIGNED = (-128, 127)
    UNSIGNED = (0, 255)


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of a tensor.

    Attributes:
        kind: wide, or one of the narrow kinds.
        pixels: side of the square of image pixels that a position stands for.
        low: int64 [C], smallest values that are possible.
        high: int64 [C], largest ones.
        price: int64 [C], of a budget of each position; None: there is none.
        budget: magnitudes times prices add up to no more.
    """

    kind: Kind
    pixels: int
    low: Limits
    high: Limits
    price: Limits | None = None
    budget: int = 0

    @property
    def channels(self) -> int:
        """C."""
        return self.low.size

    @property
    def values(self) -> float:
        """Number of values for each cell of 64 x 64 pixels."""
        return self.channels * (CELL / self.pixels) ** 2

    @property
    def magnitude(self) -> Limits:
        """Largest magnitudes, int64 [C]."""
        return np.maximum(np.abs(self.low), np.abs(self.high))


def narrowed(source: Facts, shift: Shifts, signed: bool) -> Facts:
    """Of a wide tensor that is narrowed."""
    kind = narrow_kind(signed)
    low, high = (
        np.clip(np.rint(limits / scales(shift, source.channels)), *kind.value).astype(
            np.int64
        )
        for limits in (source.low, source.high)
    )
    return Facts(kind, source.pixels, low, high)


def wide(pixels: int, low: Limits, high: Limits) -> Facts:
    """Of a wide tensor, with the proof that its values are exact."""
    facts = Facts(Kind.WIDE, pixels, low, high)
    prove(facts.magnitude)
    return facts


def narrow_kind(signed: bool | None) -> Kind:
    """One of the two narrow kinds."""
    return Kind.SIGNED if signed else Kind.UNSIGNED


def scales(shift: Shifts, channels: int) -> Limits:
    """``2**shift``, int64 [1] or [C]."""
    expect_array("shift", shift, np.int8, (1,) if shift.shape == (1,) else (channels,))
    if not 0 <= shift.min() <= shift.max() <= MOST_SHIFT:
        raise ModelError(
            f"shifts {shift.min()}..{shift.max()}, allowed are 0..{MOST_SHIFT}"
        )
    return np.int64(1) << shift.astype(np.int64)


def prove(magnitude: Limits) -> None:
    """Pass magnitudes that are exact in float32."""
    # No overflow before this: 2**24 values of 2**24 are far below 2**63.
    if magnitude.max() >= EXACT_LIMIT:
        raise ModelError(
            f"values up to {magnitude.max()}, allowed below 2**24 = {EXACT_LIMIT}"
        )


def expect_kind(source: Facts, *kinds: Kind) -> None:
    """Pass a tensor of one of these kinds."""
    if source.kind not in kinds:
        expected = " or ".join(kind.name.lower() for kind in kinds)
        raise ModelError(f"a {source.kind.name.lower()} source, expected {expected}")


def expect_array(
    name: str, array: NDArray[Any], dtype: DTypeLike, shape: tuple[int, ...]
) -> None:
    """Pass an array of this type and shape."""
    if array.dtype != dtype or array.shape != shape:
        raise ModelError(
            f"{name} is {array.dtype} {list(array.shape)}, "
            f"expected {np.dtype(dtype)} {list(shape)}"
        )


def expect_weights(weight: NDArray[Any], most: int) -> None:
    """Pass weights of magnitudes that fast kernels can take."""
    largest = max(int(weight.max()), -int(weight.min()))
    if largest > most:
        raise ModelError(f"a weight of magnitude {largest}, allowed are 0..{most}")


def rows_of(weight: NDArray[Any], dimensions: int) -> int:
    """Length of an array that should have so many axes."""
    if weight.ndim != dimensions or len(weight) > MOST_CHANNELS:
        raise ModelError(
            f"weight has shape {list(weight.shape)}, expected {dimensions} axes and "
            f"at most {MOST_CHANNELS} rows"
        )
    return len(weight)


def expect_size(name: str, value: int, most: int) -> None:
    """Pass a number from 1 to the most that is allowed."""
    if not 1 <= value <= most:
        raise ModelError(f"{value} {name}, allowed 1..{most}")
