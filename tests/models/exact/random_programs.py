"""Exact programs drawn at random, and what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.operations import (
    Add,
    Depthwise,
    Gain,
    Input,
    Narrow,
    Operation,
    Pointwise,
    Shuffle,
    Widen,
)
from vaecodec.models.exact.program import Program


class Draw:
    """Draws arrays; extreme ones hold nothing but the ends of the range."""

    def __init__(self, seed: int, *, extreme: bool = False) -> None:
        self._rng = np.random.default_rng(seed)
        self._extreme = extreme

    def integers(self, low: int, high: int, *shape: int, dtype: str = "i4") -> Any:
        if self._extreme:
            return self._rng.choice([low, high], shape).astype(dtype)
        return self._rng.integers(low, high + 1, shape).astype(dtype)

    def shift(self, low: int, high: int, channels: int = 1) -> NDArray[np.int8]:
        return self._rng.integers(low, high + 1, channels).astype(np.int8)

    def pointwise(self, source: str, out: str, sizes: tuple[int, int], **settings: Any):
        to, fan_in = sizes[1], sizes[0] // settings.get("groups", 1)
        weight = self.integers(-63, 63, to, fan_in, dtype="i1")
        return Pointwise(source, out, weight, self._bias(to), **settings)

    def wide_pointwise(self, source: str, out: str, sizes: tuple[int, int], **settings):
        to, fan_in = sizes[1], sizes[0] // settings.get("groups", 1)
        weight = self.integers(-99, 99, to, fan_in, dtype="i2")
        return Pointwise(source, out, weight, self._bias(to), **settings)

    def depthwise(self, source: str, out: str, channels: int, size: int) -> Depthwise:
        weight = self.integers(-127, 127, channels, size, size, dtype="i1")
        shift = self.shift(5, 11, channels)
        return Depthwise(source, out, weight, self._bias(channels), shift, signed=True)

    def gain(self, source: str, out: str, channels: int) -> Gain:
        return Gain(source, out, self.integers(-40, 40, 101, channels, dtype="i2"))

    def block(self, stream: str, name: str, channels: int) -> list[Operation]:
        """A residual block on a wide tensor; its result has the name."""
        n, q, d, h, o = name, f"{name}_q", f"{name}_d", f"{name}_h", f"{name}_o"
        twice = (channels, 2 * channels)
        expand = {"shift": self.shift(4, 9, 2 * channels), "signed": False}
        project = {"shift": self.shift(6, 9, channels), "signed": True}
        return [
            Narrow(stream, q, self.shift(4, 4), signed=True),
            self.depthwise(q, d, channels, 5),
            self.pointwise(d, h, twice, **expand),
            self.pointwise(h, o, twice[::-1], **project),
            Add(stream, o, n, self.shift(0, 0), self.shift(2, 4)),
        ]

    def _bias(self, channels: int) -> NDArray[np.int32]:
        return self.integers(-(2**14), 2**14, channels, dtype="i4")


def painter(seed: int, *, extreme: bool = False) -> Program:
    """A small one with all parts of a real painter: symbols and features -> image."""
    draw = Draw(seed, extreme=extreme)
    each, none = draw.shift(0, 3), draw.shift(0, 0)
    operations = [
        draw.wide_pointwise("y", "straight", (7, 48)),
        Shuffle("straight", "bypass", 2),
        Narrow("y", "n", draw.shift(2, 2, 7), signed=True),
        draw.pointwise("n", "broad", (7, 32), shift=draw.shift(3, 6), signed=True),
        Shuffle("broad", "spread", 2),
        Widen("spread", "s0", draw.shift(3, 5, 8)),
        *draw.block("s0", "s1", 8),
        draw.gain("s1", "g", 8),
        Narrow("g", "g_n", draw.shift(6, 9, 8), signed=True),
        Widen("g_n", "g_w", each),
        *draw.block("g_w", "s2", 8),
        Narrow("s2", "last", draw.shift(3, 5), signed=False),
        draw.pointwise("last", "detail", (8, 12), lift=draw.shift(0, 2, 12)),
        Add("bypass", "detail", "sum", none, none),
        Narrow("sum", "packed", draw.shift(9, 12), signed=False),
        Shuffle("packed", "image", 2),
    ]
    y = Input("y", 7, -300, 300, 16)
    return Program((y,), tuple(operations), ("image", "s2", "last"))


def feeds_of(
    program: Program, seed: int, pixels: tuple[int, int], *, extreme: bool = False
) -> dict[str, NDArray[Any]]:
    """Inputs for an image area of so many pixels."""
    draw = Draw(seed, extreme=extreme)
    return {
        given.name: draw.integers(
            given.low,
            given.high,
            given.channels,
            *(side // given.pixels for side in pixels),
        )
        for given in program.inputs
    }
