"""Programs like those of a trained model, with numbers drawn at random.

The painter draws what its latents say, in a basis of cosines, and its network adds a
little noise; predictions of the prior are noise as well, but small.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    Quarters,
    Shuffle,
    Unquarters,
)
from vaecodec.models.exact.program import Program

PATCH = 16
STREAM_LIMIT = 2**21 - 1  # of features between steps
HYPER_LIMIT = 31
MIDDLE = int(127.5 * 2**12)
# What a sum of the painter is worth: 2**-12 levels; latents are whole multiples of 1/2.
BASIS_UNIT = 2.0**-11
NONE = np.zeros(1, np.int8)


@dataclass(frozen=True)
class Sizes:
    """Channels and depths, as in the configuration of a model."""

    latent: int = 16
    hyper: int = 8
    prior: int = 8
    context: int = 8
    coarse: int = 8
    fine: int = 8
    blocks: tuple[int, int] = (1, 2)


SMALL = Sizes()
REAL = Sizes(320, 96, 96, 64, 192, 96, (1, 5))


def drawn_programs(
    sizes: Sizes, limits: NDArray[np.int16], seed: int = 1
) -> dict[str, Program]:
    """All programs of a model by name; `limits` [M] are those of its latents."""
    steps = {f"step{k}": _step(sizes, seed + k, first=k == 0) for k in range(4)}
    painter = _painter(sizes, limits, seed + 4)
    return {"painter": painter, "hyper": _hyper(sizes, seed + 5), **steps}


def cosines(channels: int) -> NDArray[np.float64]:
    """Orthonormal patterns [M, 3, 16, 16], from coarse to fine."""
    colours = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
    places = (np.arange(PATCH) + 0.5) * np.pi / PATCH
    waves = np.cos(np.arange(PATCH)[:, None] * places) * np.sqrt(2 / PATCH)
    waves[0] /= np.sqrt(2)
    every = np.einsum("kc,iy,jx->kijcyx", colours, waves, waves)
    kind, i, j = np.indices((3, PATCH, PATCH))
    order = np.argsort((i + j + 3 * (kind > 0)).ravel(), kind="stable")
    patterns = every.reshape(-1, 3, PATCH, PATCH)[order]
    return patterns[:channels]


class _Draw:
    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.operations: list[Operation] = []

    def add(self, operation: Operation) -> str:
        self.operations.append(operation)
        return operation.out

    def pointwise(
        self, source: str, out: str, to: int, fan_in: int, **more: Any
    ) -> str:
        weight, bias = self._integers(63, to, fan_in), self._integers(99, to)
        layer = Pointwise(source, out, weight.astype(np.int8), bias, **more)
        return self.add(layer)

    def narrow(self, source: str, out: str, shift: int, channels: int = 1) -> str:
        return self.add(Narrow(source, out, self.near(shift, channels), signed=True))

    def near(self, shift: int, channels: int) -> NDArray[np.int8]:
        return (shift + self._integers(1, channels)).astype(np.int8).clip(0)

    def block(self, source: str, name: str, channels: int, kernel: int = 5) -> str:
        seen = self.narrow(source, f"{name}_seen", 5)
        taps = self._integers(6, channels, kernel, kernel).astype(np.int8)
        taps[:, kernel // 2, kernel // 2] = 64
        bias, shift = self._integers(99, channels), np.full(channels, 6, np.int8)
        mixed = Depthwise(seen, f"{name}_mixed", taps, bias, shift, signed=True)
        spread = 6 + round(np.log2(channels) / 2)
        hidden = self.pointwise(
            self.add(mixed),
            f"{name}_hidden",
            2 * channels,
            channels,
            shift=self.near(spread, 2 * channels),
            signed=False,
        )
        change = self.pointwise(
            hidden,
            f"{name}_change",
            channels,
            2 * channels,
            lift=self.near(0, channels),
        )
        return self.add(Add(source, change, name, NONE, NONE))

    def _integers(self, most: int, *shape: int) -> NDArray[np.int32]:
        return self._rng.integers(-most, most + 1, shape, np.int32)


def _painter(sizes: Sizes, limits: NDArray[np.int16], seed: int) -> Program:
    draw, top = _Draw(seed), int(limits.max())
    given = Input("latent", sizes.latent, -top, top, PATCH, most=limits)
    hyper = _hyper_input("hyper", sizes)
    basis = np.rint(cosines(sizes.latent) / BASIS_UNIT).astype(np.int16)
    # [M, 3, 16, 16] -> squares of 8 x 8, four of which make a patch [768, M]
    rows = basis.reshape(-1, 3, 2, 8, 2, 8).transpose(1, 3, 5, 2, 4, 0)
    bias = np.full(3 * PATCH**2, MIDDLE, np.int32)
    weight = np.ascontiguousarray(rows.reshape(-1, sizes.latent))
    linear = draw.add(Pointwise("latent", "bypass", weight, bias))
    draw.add(Shuffle(linear, "linear", by=2))
    seen = draw.narrow("latent", "normal", 4, sizes.latent)
    lift = draw.near(1, sizes.coarse)
    stream = draw.pointwise(seen, "entered", sizes.coarse, sizes.latent, lift=lift)
    for number in range(sizes.blocks[0]):
        stream = draw.block(stream, f"coarse{number}", sizes.coarse)
    seen = draw.narrow(stream, "before_up", 6)
    wide = draw.pointwise(seen, "up", 4 * sizes.fine, sizes.coarse)
    draw.add(Add(wide, _guidance(draw, sizes), "guided", NONE, NONE))
    stream = draw.add(Shuffle("guided", "fine", by=2))
    for number in range(sizes.blocks[1] - 1):
        stream = draw.block(stream, f"fine{number}", sizes.fine)
    seen = draw.narrow(stream, "before_gain", 6)
    table = np.linspace(20, 40, 101).astype(np.int16)[:, None]
    table = np.repeat(table, sizes.fine, axis=1)
    stream = draw.block(draw.add(Gain(seen, "gained", table)), "last", sizes.fine)
    seen = draw.narrow(stream, "before_leave", 6)
    detail = draw.pointwise(seen, "detail", 3 * 64, sizes.fine)
    draw.add(Add("linear", detail, "squares", NONE, NONE))
    draw.add(Narrow("squares", "levels", np.full(1, 12, np.int8), signed=False))
    draw.add(Shuffle("levels", "image", by=8))
    return Program((given, hyper), tuple(draw.operations), ("image",))


def _guidance(draw: _Draw, sizes: Sizes) -> str:
    shift = draw.near(6, 16 * sizes.prior)
    wide, fan_in = 16 * sizes.prior, sizes.hyper
    draw.pointwise("hyper", "guiding", wide, fan_in, shift=shift, signed=True)
    seen = draw.add(Shuffle("guiding", "before_guidance", by=4))
    return draw.pointwise(seen, "guidance", 4 * sizes.fine, sizes.prior)


def _hyper_input(name: str, sizes: Sizes) -> Input:
    return Input(name, sizes.hyper, -HYPER_LIMIT, HYPER_LIMIT, 64, narrow=True)


def _hyper(sizes: Sizes, seed: int) -> Program:
    draw = _Draw(seed)
    given = _hyper_input("first", sizes)
    lift = draw.near(1, sizes.context)
    stream = draw.pointwise("first", "entered", sizes.context, sizes.hyper, lift=lift)
    stream = draw.block(stream, "block", sizes.context, kernel=3)
    seen = draw.narrow(stream, "before_leave", 5)
    both = draw.pointwise(seen, "both", 2 * sizes.hyper, sizes.context)
    return Program((given,), tuple(draw.operations), (both,))


def _step(sizes: Sizes, seed: int, *, first: bool) -> Program:
    draw = _Draw(seed)
    if first:
        hyper = _hyper_input("hyper", sizes)
        seen = _expansion(draw, sizes)
        context = draw.pointwise(seen, "context", sizes.prior, sizes.prior)
        base = draw.add(Quarters(seen, "base"))
        outputs = base, context, _head(draw, base, "both", sizes)
        return Program((hyper,), tuple(draw.operations), outputs)
    inputs = (
        Input("base", 4 * sizes.prior, -128, 127, 2 * PATCH, narrow=True),
        Input("features", sizes.prior, -STREAM_LIMIT, STREAM_LIMIT, PATCH),
        Input("known", 2 * sizes.latent, -128, 127, 2 * PATCH, narrow=True),
    )
    width, lift = sizes.latent // 2, draw.near(0, 4 * sizes.prior)
    draw.pointwise("known", "entered", 4 * sizes.prior, width, groups=4, lift=lift)
    draw.add(Unquarters("entered", "news"))
    context = draw.add(Add("features", "news", "context", NONE, NONE))
    stream = draw.block(context, "block", sizes.prior)
    seen = draw.narrow(stream, "before_leave", 6)
    draw.add(Quarters(seen, "places"))
    heads = [
        _head(draw, source, f"from_{source}", sizes) for source in ("base", "places")
    ]
    both = draw.add(Add(*heads, "both", NONE, NONE))
    return Program(inputs, tuple(draw.operations), (context, both))


def _head(draw: _Draw, source: str, out: str, sizes: Sizes) -> str:
    return draw.pointwise(source, out, 2 * sizes.latent, sizes.prior, groups=4)


def _expansion(draw: _Draw, sizes: Sizes) -> str:
    draw.pointwise("hyper", "expanded", 4 * sizes.prior, sizes.hyper)
    stream = draw.block(
        draw.add(Shuffle("expanded", "middle", by=2)), "mixed", sizes.prior
    )
    seen = draw.narrow(stream, "before_up", 5)
    shift = draw.near(6, 4 * sizes.prior)
    draw.pointwise(seen, "up", 4 * sizes.prior, sizes.prior, shift=shift, signed=True)
    draw.add(Shuffle("up", "before_gain", by=2))
    table = np.linspace(8, 32, 101).astype(np.int16)[:, None]
    stream = draw.add(
        Gain("before_gain", "expansion", np.repeat(table, sizes.prior, axis=1))
    )
    return draw.narrow(draw.block(stream, "block", sizes.prior), "seen", 6)
