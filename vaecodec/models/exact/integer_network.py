"""Layers of integer networks that give the same numbers on every machine.

In come integers held in float64 arrays [channels, ...], out go integers again. Both
sides of the coder must agree on every scale index to the last bit, which no ordinary
floating-point network promises. Here every weight, bias and activation is an integer
times a fixed power of two, and each layer proves when it is made that no partial sum
can reach 2**53. So float64 adds are exact in any order, with or without fused
multiply-add, and a fast matrix product is as good as integer arithmetic.

Fixed point (fractional bits): activations 0..4095 (8), weights int16 (12), biases
int32 (20). See checkerboard/SPEC.md, section 2.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.frequency_tables import ROWS
from vaecodec.errors import ModelError

ACTIVATION_LIMIT = 4095
HIDDEN_SHIFT = 12  # fractional bits of an accumulator above those of an activation
INDEX_SHIFT = 17  # outputs are nats with 20 fractional bits, a row is 1/8 nat
CACHED = 1 << 15  # numbers in each of three arrays that a processor's cache can hold
EXACT_LIMIT = 2**53  # float64 holds every integer of smaller magnitude

Float = NDArray[np.float64]
Integers = NDArray[np.generic]
Multiply = Callable[[Float, Float], Float]  # [n, k], [k, m] -> their product [n, m]


class Dense:
    """A 1x1 layer: one matrix product over all positions.

    Weights and biases are kept divided by ``2**shift`` and the half for rounding is
    in the bias, so that ``floor`` of the accumulator is the rounded result. A division
    by a power of two changes no digit, so the proof for integers carries over.
    """

    def __init__(
        self,
        weight: Integers,
        bias: Integers,
        *,
        input_limit: int,
        shift: int,
        multiply: Multiply = np.matmul,
    ) -> None:
        """Take ``weight`` [out, in] and ``bias`` [out], for inputs up to +-limit.

        Raises:
            ModelError: A sum could leave the exact range of float64.
        """
        self.weight, self.bias = _scale_exactly(weight, bias, input_limit, shift)
        self._multiply = multiply

    def accumulate(
        self, inputs: Float, out: Float | None = None, *, offsets: Float | float = 0.0
    ) -> Float:
        """Return the accumulators [out, positions] of ``inputs`` [in, positions].

        ``offsets`` are added to them: one number, [out, 1] or [out, positions].
        """
        products = self._multiply(self.weight, inputs)
        constant = self.bias[:, None] + offsets
        return np.add(products, constant, out=products if out is None else out)


class Depthwise:
    """A k x k layer with one kernel per channel, zero padded, as in torch (no flip)."""

    def __init__(self, weight: Integers, bias: Integers, *, input_limit: int) -> None:
        """Take ``weight`` [channels, k, k] with odd k and ``bias`` [channels].

        Raises:
            ModelError: A sum could leave the exact range of float64.
        """
        channels, self.size = weight.shape[:2]
        taps, self.bias = _scale_exactly(
            weight.reshape(channels, -1), bias, input_limit, HIDDEN_SHIFT
        )
        self.taps = np.ascontiguousarray(taps.T)  # [k * k, channels]

    def accumulate(self, inputs: Float) -> Float:
        """Return the accumulators [channels, h, w] of ``inputs`` [channels, h, w]."""
        channels, height, width = inputs.shape
        stride = width + 2 * (self.size // 2)
        sums = np.empty((channels, height * stride))
        together = max(1, CACHED // sums.shape[1])
        for start in range(0, channels, together):
            self._fill(slice(start, start + together), inputs, sums)
        return sums.reshape(channels, height, stride)[:, :, :width]

    def _fill(self, some: slice, inputs: Float, sums: Float) -> None:
        """Compute the accumulators [channels, h * (w + 2 radius)] of some channels."""
        radius = self.size // 2
        padded = np.pad(inputs[some], ((0, 0), (radius, radius), (radius, radius)))
        # In a flat padded picture every tap is one shift; what a row end mixes with
        # the next row falls on the padding columns, which `accumulate` cuts off.
        channels, _, stride = padded.shape
        flat, filled = padded.reshape(channels, -1), sums[some]
        filled[:] = self.bias[some, None]
        length = sums.shape[1] - 2 * radius
        scratch = np.empty((channels, length))
        for tap, weights in enumerate(self.taps[:, some]):
            start = tap // self.size * stride + tap % self.size
            np.multiply(flat[:, start : start + length], weights[:, None], out=scratch)
            filled[:, :length] += scratch


class OutputLayer:
    """A 1x1 layer whose rounded and clamped output is the scale index itself."""

    def __init__(
        self,
        weight: NDArray[np.generic],
        bias: NDArray[np.generic],
        offsets: NDArray[np.int32],
        *,
        multiply: Multiply = np.matmul,
    ) -> None:
        """Take ``weight`` [M, in], ``bias`` [M] and ``offsets`` [qualities, M].

        Raises:
            ModelError: A sum, offset included, could leave the exact range of float64.
        """
        reach = np.abs(bias.astype(np.int64)) + np.abs(offsets.astype(np.int64)).max(0)
        layer = functools.partial(
            Dense, input_limit=ACTIVATION_LIMIT, shift=INDEX_SHIFT, multiply=multiply
        )
        layer(weight, reach)
        self._even, self._odd = (
            layer(weight[parity::2], bias[parity::2]) for parity in (0, 1)
        )

    def indexes(
        self,
        even_inputs: Float,
        odd_inputs: Float,
        even_offsets: NDArray[np.int32],
        odd_offsets: NDArray[np.int32],
    ) -> NDArray[np.uint8]:
        """Return uint8 [M / 2, n + m] for the even channels and for the odd ones.

        ``even_inputs`` [in, n] go to the even channels, ``odd_inputs`` [in, m] to the
        odd ones. Offsets have 20 fractional bits and are [M / 2, 1], or one for each
        position.
        """
        split = even_inputs.shape[1]
        sums = np.empty((self._even.bias.size, split + odd_inputs.shape[1]))
        unit = np.float64(2.0**-INDEX_SHIFT)
        even, odd = even_offsets * unit, odd_offsets * unit
        self._even.accumulate(even_inputs, out=sums[:, :split], offsets=even)
        self._odd.accumulate(odd_inputs, out=sums[:, split:], offsets=odd)
        # Not negative after the clip, so the cast that truncates is the floor.
        return np.clip(sums, 0, ROWS - 1, out=sums).astype(np.uint8)


def activate(sums: Float) -> Float:
    """Return the activations 0..4095 of rounded-by-floor accumulators, any shape."""
    activations = np.clip(sums, 0, ACTIVATION_LIMIT)
    return np.floor(activations, out=activations)


def shuffle_pixels(inputs: Float) -> Float:
    """Turn [4 * c, h, w] into [c, 2 * h, 2 * w], in the channel order of torch."""
    quadruples, height, width = inputs.shape
    grouped = inputs.reshape(quadruples // 4, 2, 2, height, width)
    spread = grouped.transpose(0, 3, 1, 4, 2)  # [c, h, 2, w, 2]
    return spread.reshape(quadruples // 4, 2 * height, 2 * width)


def _scale_exactly(
    weight: Integers, bias: Integers, input_limit: int, shift: int
) -> tuple[Float, Float]:
    weights, biases = weight.astype(np.int64), bias.astype(np.int64)
    half = 1 << (shift - 1)
    # Python integers: the proof itself must not overflow.
    largest = max(
        sum(map(abs, row)) * input_limit + abs(start) + half
        for row, start in zip(weights.tolist(), biases.tolist(), strict=True)
    )
    if largest >= EXACT_LIMIT:
        raise ModelError(
            f"a layer can sum up to {largest}, allowed below 2**53 = {EXACT_LIMIT}"
        )
    unit = 2.0**-shift
    return weights.astype(np.float64) * unit, (biases + half).astype(np.float64) * unit
