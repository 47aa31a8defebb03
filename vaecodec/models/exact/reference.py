"""What exact programs compute, in numpy: the slow and plain reference of all engines.

Tensors are int32 arrays [C, h, w].
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.exact.feeds import (
    Feeds,
    check_feeds,
    check_values,
)
from vaecodec.models.exact.operations import (
    Add,
    Depthwise,
    Gain,
    Narrow,
    Pointwise,
    Quarters,
    Shifts,
    Shuffle,
    Unquarters,
    Widen,
    sources,
)
from vaecodec.models.exact.program import Program
from vaecodec.models.quality import at_positions

Tensor = NDArray[np.int32]


def run(
    program: Program, feeds: Feeds, quality: Quality | None = None
) -> dict[str, Tensor]:
    """Outputs of a program by name.

    Args:
        program: what to compute.
        feeds: its inputs by name, integers [C, h, w] within their ranges.
        quality: for programs with gains.

    Raises:
        ValueError: The feeds are not the inputs of the program, or beyond their ranges.
    """
    check_feeds(program, feeds, quality)
    check_values(program, feeds)
    tensors = {name: feed.astype(np.int32) for name, feed in feeds.items()}
    for operation in program.operations:
        known = [tensors[name] for name in sources(operation)]
        if isinstance(operation, Gain) and quality is not None:
            pixels = program.facts[operation.source].pixels
            known.append(_factors(operation, at_positions(quality, pixels)))
        tensors[operation.out] = compute(operation, *known)
    return {name: tensors[name] for name in program.outputs}


@singledispatch
def compute(operation: Any, *sources: Tensor) -> Tensor:
    """The result of an operation."""
    raise TypeError(f"no operation: {operation!r}")


@compute.register
def _(operation: Narrow, source: Tensor) -> Tensor:
    return _narrowed(source, operation.shift, operation.signed)


@compute.register
def _(operation: Widen, source: Tensor) -> Tensor:
    return source << _each(operation.shift)


@compute.register
def _(operation: Pointwise, source: Tensor) -> Tensor:
    parts = zip(
        np.split(operation.weight.astype(np.int32), operation.groups),
        np.split(source, operation.groups),
        strict=True,
    )
    sums = np.concatenate([np.tensordot(weight, part, 1) for weight, part in parts])
    sums += _each(operation.bias)
    if operation.lift is not None:
        return sums << _each(operation.lift)
    if operation.shift is None:
        return sums
    return _narrowed(sums, operation.shift, bool(operation.signed))


@compute.register
def _(operation: Depthwise, source: Tensor) -> Tensor:
    size = operation.weight.shape[1]
    padding = (size // 2, size // 2)
    padded = np.pad(source, ((0, 0), padding, padding))
    _, height, width = source.shape
    sums = np.zeros_like(source) + _each(operation.bias)
    for y, x in np.ndindex(size, size):
        taps = operation.weight[:, y, x].astype(np.int32)
        sums += _each(taps) * padded[:, y : y + height, x : x + width]
    return _narrowed(sums, operation.shift, operation.signed)


@compute.register
def _(operation: Add, left: Tensor, right: Tensor) -> Tensor:
    return (left << _each(operation.left_shift)) + (
        right << _each(operation.right_shift)
    )


@compute.register
def _(operation: Gain, source: Tensor, factors: Tensor) -> Tensor:
    return source * factors


@compute.register
def _(operation: Shuffle, source: Tensor) -> Tensor:
    by = operation.by
    channels, height, width = source.shape
    grouped = source.reshape(channels // (by * by), by, by, height, width)
    spread = grouped.transpose(0, 3, 1, 4, 2)  # [c, h, by, w, by]
    return spread.reshape(-1, height * by, width * by)


@compute.register
def _(operation: Quarters, source: Tensor) -> Tensor:
    parts = [source[:, p // 2 :: 2, p % 2 :: 2] for p in range(4)]
    return np.concatenate(parts)


@compute.register
def _(operation: Unquarters, source: Tensor) -> Tensor:
    channels, height, width = source.shape
    out = np.empty((channels // 4, 2 * height, 2 * width), source.dtype)
    for p, part in enumerate(np.split(source, 4)):
        out[:, p // 2 :: 2, p % 2 :: 2] = part
    return out


def _factors(gain: Gain, qualities: Quality) -> Tensor:
    """One for each position [C, h, w], or for all [C, 1, 1]."""
    return gain.table.astype(np.int32)[qualities].transpose(2, 0, 1)


def _narrowed(values: Tensor, shift: Shifts, signed: bool) -> Tensor:
    rounded = np.rint(values / 2.0 ** _each(shift))  # float64, halves to even
    low, high = (-128, 127) if signed else (0, 255)
    return np.clip(rounded, low, high).astype(np.int32)


def _each(values: NDArray[Any]) -> Tensor:
    """One value for each channel, or one for all: [C, 1, 1] or [1, 1, 1]."""
    return values.astype(np.int32)[:, None, None]
