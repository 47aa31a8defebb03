"""A small program at the limits of what is allowed, to find kernels that saturate.

The known answer of a model can be right on a machine whose kernels add in too few bits,
if no sum of it grows large enough. Here all weights and nearly all values are the
largest ones, in random signs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.facts import DEPTHWISE_LIMIT, POINTWISE_LIMIT
from vaecodec.models.exact.known_answer import scattered
from vaecodec.models.exact.operations import Depthwise, Input, Pointwise
from vaecodec.models.exact.program import Program

# What the reference answers to it.
EXTREME_ANSWER = np.array([149, 141, 168, 199], np.uint8)

_CHANNELS, _KERNEL, _PIXELS = 96, 5, 16


def extreme_program() -> Program:
    """Layers of all kinds that fast kernels compute, on both kinds of narrow values."""
    inputs: list[Input] = []
    layers: list[Pointwise | Depthwise] = []
    for name, low, high in (("signed", -128, 127), ("bytes", 0, 255)):
        inputs.append(Input(name, _CHANNELS, low, high, _PIXELS, narrow=True))
        square, none = (_CHANNELS, _CHANNELS), np.zeros(_CHANNELS, np.int32)
        weight = _signs(*square) * np.int8(POINTWISE_LIMIT)
        taps = _signs(_CHANNELS, _KERNEL, _KERNEL) * np.int8(DEPTHWISE_LIMIT)
        shift, lift = np.full(1, 11, np.int8), np.arange(_CHANNELS, dtype=np.int8) % 4
        layers += [
            Pointwise(name, f"{name}_sums", weight, none, lift=lift),
            Pointwise(name, f"{name}_narrowed", weight, none, shift, signed=True),
            Depthwise(name, f"{name}_filtered", taps, none, shift, signed=True),
        ]
    return Program(tuple(inputs), tuple(layers), tuple(layer.out for layer in layers))


def _signs(*shape: int) -> NDArray[np.int8]:
    """-1 and 1; rows of one sign among them, whose sums are the largest."""
    signs = (scattered(int(np.prod(shape))) >> np.uint32(31)).astype(np.int8) * 2 - 1
    rows = signs.reshape(shape)
    rows[0], rows[1] = 1, -1
    return rows
