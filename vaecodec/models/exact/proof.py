"""The proof of an operation: no sum can leave the range in which float32 is exact.

In comes an operation with what is known of its sources, out goes what is known of its
result, by interval arithmetic with the actual weights. On the way all that a hostile
file could have got wrong is checked: sizes, types and ranges.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.models.exact.budget import prices
from vaecodec.models.exact.facts import (
    CELL,
    DEPTHWISE_LIMIT,
    LARGEST_KERNEL,
    MOST_CHANNELS,
    MOST_GROUPS,
    MOST_PIXELS,
    POINTWISE_LIMIT,
    QUALITIES,
    Facts,
    Kind,
    expect_array,
    expect_kind,
    expect_size,
    expect_weights,
    narrow_kind,
    narrowed,
    prove,
    rows_of,
    scales,
    wide,
)
from vaecodec.models.exact.limits import limits_of
from vaecodec.models.exact.operations import (
    Add,
    Depthwise,
    Gain,
    Input,
    Narrow,
    Pointwise,
    Quarters,
    Shifts,
    Shuffle,
    Unquarters,
    Widen,
)


def facts_of_input(given: Input) -> Facts:
    """What is known of an input.

    Raises:
        ModelError: Its sizes or its range are none that a tensor can have.
    """
    kind = narrow_kind(given.low < 0) if given.narrow else Kind.WIDE
    low, high = kind.value
    if not low <= given.low <= given.high <= high:
        raise ModelError(
            f"values {given.low}..{given.high}, allowed are ranges inside {low}..{high}"
        )
    expect_size("channels", given.channels, MOST_CHANNELS)
    expect_size("pixels a position", given.pixels, MOST_PIXELS)
    if given.pixels & (given.pixels - 1):
        raise ModelError(f"{given.pixels} pixels a position, expected a power of two")
    return Facts(kind, given.pixels, *limits_of(given), prices(given), given.budget)


@singledispatch
def facts_of(operation: Any, *sources: Facts) -> Facts:
    """What is known of the result of an operation, from what is of its sources.

    Raises:
        ModelError: The operation does not fit its sources, or could leave the range in
            which float32 is exact.
    """
    raise TypeError(f"no operation: {operation!r}")


@facts_of.register
def _(operation: Narrow, source: Facts) -> Facts:
    expect_kind(source, Kind.WIDE)
    return narrowed(source, operation.shift, operation.signed)


@facts_of.register
def _(operation: Widen, source: Facts) -> Facts:
    expect_kind(source, Kind.SIGNED, Kind.UNSIGNED)
    factors = scales(operation.shift, source.channels)
    return wide(source.pixels, source.low * factors, source.high * factors)


@facts_of.register
def _(operation: Pointwise, source: Facts) -> Facts:
    narrow = source.kind is not Kind.WIDE
    groups, channels = operation.groups, rows_of(operation.weight, 2)
    if not 1 <= groups <= MOST_GROUPS or channels % groups or source.channels % groups:
        raise ModelError(
            f"{source.channels} channels to {channels} in {groups} groups, "
            f"of which 1..{MOST_GROUPS} are allowed"
        )
    shape = channels, source.channels // groups
    expect_array("weight", operation.weight, np.int8 if narrow else np.int16, shape)
    weight = operation.weight.reshape(groups, -1, shape[1])
    if narrow:
        expect_weights(weight, POINTWISE_LIMIT)
    low, high = (limits.reshape(groups, -1, 1) for limits in (source.low, source.high))
    affordable = _affordable(source, operation.weight) if groups == 1 else None
    sums = _sums(weight, operation.bias, low, high, source.pixels, affordable)
    if operation.shift is None and operation.signed is None:
        return _lifted(sums, operation.lift)
    if operation.shift is None or operation.signed is None:
        raise ModelError("a layer with only one of shift and signed")
    if operation.lift is not None:
        raise ModelError("a layer with both shift and lift")
    return narrowed(sums, operation.shift, operation.signed)


@facts_of.register
def _(operation: Depthwise, source: Facts) -> Facts:
    expect_kind(source, Kind.SIGNED, Kind.UNSIGNED)
    channels, size = rows_of(operation.weight, 3), operation.weight.shape[2]
    if size % 2 == 0 or size > LARGEST_KERNEL:
        raise ModelError(
            f"a kernel of {size} x {size}, allowed are odd sizes to {LARGEST_KERNEL}"
        )
    expect_array("weight", operation.weight, np.int8, (source.channels, size, size))
    weight = operation.weight.reshape(channels, 1, -1)
    expect_weights(weight, DEPTHWISE_LIMIT)
    # Any value may be a zero from outside of the tensor.
    low, high = (
        np.repeat(limits, size * size).reshape(channels, -1, 1)
        for limits in (np.minimum(source.low, 0), np.maximum(source.high, 0))
    )
    sums = _sums(weight, operation.bias, low, high, source.pixels)
    return narrowed(sums, operation.shift, operation.signed)


@facts_of.register
def _(operation: Add, left: Facts, right: Facts) -> Facts:
    if (left.channels, left.pixels) != (right.channels, right.pixels):
        raise ModelError(
            f"{left.channels} channels of {left.pixels} pixels a position cannot be "
            f"added to {right.channels} of {right.pixels}"
        )
    left_factors = scales(operation.left_shift, left.channels)
    right_factors = scales(operation.right_shift, left.channels)
    # Both parts, not just the sum: they may be computed before they are added.
    prove(left.magnitude * left_factors + right.magnitude * right_factors)
    return wide(
        left.pixels,
        left.low * left_factors + right.low * right_factors,
        left.high * left_factors + right.high * right_factors,
    )


@facts_of.register
def _(operation: Gain, source: Facts) -> Facts:
    if source.pixels > CELL:
        raise ModelError(f"{source.pixels} pixels a position, a gain allows {CELL}")
    expect_array("table", operation.table, np.int16, (QUALITIES, source.channels))
    table = operation.table.astype(np.int64)
    ends = np.stack([table * source.low, table * source.high])
    return wide(source.pixels, ends.min((0, 1)), ends.max((0, 1)))


@facts_of.register
def _(operation: Shuffle, source: Facts) -> Facts:
    by = operation.by
    if by not in (2, 4, 8) or source.channels % (by * by) or source.pixels < by:
        raise ModelError(
            f"{source.channels} channels of {source.pixels} pixels a position cannot "
            f"be shuffled by {by}"
        )
    low = source.low.reshape(-1, by * by).min(1)
    high = source.high.reshape(-1, by * by).max(1)
    return Facts(source.kind, source.pixels // by, low, high)


@facts_of.register
def _(operation: Quarters, source: Facts) -> Facts:
    expect_size("channels", 4 * source.channels, MOST_CHANNELS)
    expect_size("pixels a position", 2 * source.pixels, MOST_PIXELS)
    low, high = np.tile(source.low, 4), np.tile(source.high, 4)
    return Facts(source.kind, 2 * source.pixels, low, high)


@facts_of.register
def _(operation: Unquarters, source: Facts) -> Facts:
    if source.channels % 4 or source.pixels < 2:
        raise ModelError(
            f"{source.channels} channels of {source.pixels} pixels a position are no "
            "quarters"
        )
    low = source.low.reshape(4, -1).min(0)
    high = source.high.reshape(4, -1).max(0)
    return Facts(source.kind, source.pixels // 2, low, high)


def _lifted(sums: Facts, lift: Shifts | None) -> Facts:
    if lift is None:
        return sums
    factors = scales(lift, sums.channels)
    return wide(sums.pixels, sums.low * factors, sums.high * factors)


def _affordable(source: Facts, weight: NDArray[Any]) -> NDArray[np.float64] | None:
    """The largest magnitudes [O] of sums of products that a budget allows."""
    if source.price is None:
        return None
    dearest = np.abs(weight.astype(np.float64)) / source.price
    affordable: NDArray[np.float64] = np.ceil(dearest.max(axis=1) * source.budget)
    return affordable


def _sums(
    weight: NDArray[Any],
    bias: NDArray[np.int32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    pixels: int,
    affordable: NDArray[np.float64] | None = None,
) -> Facts:
    """Of layers with ``weight`` [G, O / G, I] and sources between limits [G, I, 1]."""
    expect_array("bias", bias, np.int32, (weight.shape[0] * weight.shape[1],))
    # In float64, whose products are fast, and exact here: 4096 times 2**15 times 2**24.
    factors = weight.astype(np.float64)
    middle, radius = (high + low) / 2, (high - low) / 2
    magnitude = np.maximum(np.abs(low), np.abs(high))
    middles = (factors @ middle).ravel() + bias
    both = np.abs(factors, out=factors) @ np.concatenate([radius, magnitude], axis=2)
    radii, terms = both.reshape(-1, 2).T
    lowest, highest = middles - radii, middles + radii
    if affordable is not None:
        terms = np.minimum(terms, affordable)
        lowest = np.maximum(lowest, bias - affordable)
        highest = np.minimum(highest, bias + affordable)
    # However the terms are ordered, no partial sum exceeds the sum of the magnitudes.
    prove((terms + np.abs(bias.astype(np.float64))).astype(np.int64))
    return wide(pixels, lowest.astype(np.int64), highest.astype(np.int64))
