"""Rounding to numbers that a receiver in integers can hold, with gradients around it.

What a value is a multiple of is told by exponents, [C, 1, 1] for channels or [1, 1, 1].
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.errors import ModelError
from vaecodec.models.exact.facts import Kind

SIGNED, UNSIGNED = Kind.SIGNED.value, Kind.UNSIGNED.value  # ranges of narrow values
FINEST = 14  # most bits between what a sum and what its result is a multiple of
ANY = 100  # no exponent is larger in magnitude
BIAS_LIMIT = 2**23 - 1
SMALLEST = 1e-12

Bound = float | Tensor


class Rows(NamedTuple):
    """Between which exponents those of a layer's sums lie, [O, 1, 1] or [1, 1, 1]."""

    lowest: Tensor
    highest: Tensor


class IntegerLayer(NamedTuple):
    """A layer in integers, as floats that hold them.

    Attributes:
        weight: [O, I].
        bias: [O].
        exponents: of what a sum is a multiple of [O].
    """

    weight: Tensor
    bias: Tensor
    exponents: Tensor

    def reals(self, input_units: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [O, I] and biases [O], for inputs in units [1] or [O, I]."""
        units = torch.exp2(self.exponents)
        return self.weight * units[:, None] / input_units, self.bias * units


def rows_of(stream: Tensor) -> Rows:
    """Of a layer whose sums are added to a stream with these exponents."""
    return Rows(stream, stream + FINEST)


def rounded(values: Tensor, low: Bound, high: Bound) -> Tensor:
    """Nearest integer, ties to even, within limits; gradients pass inside of these."""
    limited = torch.clamp(values, low, high)  # type: ignore[arg-type]
    return limited + (torch.round(limited) - limited).detach()


def multiples(values: Tensor, exponent: Tensor, low: Bound, high: Bound) -> Tensor:
    """Nearest multiples low..high of 2**exponent, ties to even ones."""
    unit = torch.exp2(exponent).to(values.dtype)
    return rounded(values / unit, low, high) * unit


@torch.no_grad()
def integer_layer(scaled: Tensor, bias: Tensor, limit: int, rows: Rows) -> IntegerLayer:
    """Rows [O, I] of weights, times the units of their inputs, and biases [O]."""
    lowest, highest = (bound.flatten() for bound in rows)
    peaks = scaled.abs().amax(1).clamp(min=SMALLEST)
    exponents = torch.ceil(torch.log2(peaks / limit))
    exponents = torch.maximum(torch.minimum(exponents, highest), lowest)
    units = torch.exp2(exponents)
    weight = torch.round(scaled / units[:, None]).clamp(-limit, limit)
    # Beyond the limit a narrow result is cut off anyway: that of a dead unit.
    biases = torch.round(bias / units).clamp(-BIAS_LIMIT, BIAS_LIMIT)
    return IntegerLayer(weight, biases, exponents)


def through(values: Tensor, exact: Tensor) -> Tensor:
    """The exact values; the gradient passes as if they were the others."""
    return values + (exact.view_as(values) - values).detach()


def integers(values: Tensor, dtype: type[np.integer[Any]]) -> NDArray[Any]:
    """Whole numbers in floats -> integers.

    Raises:
        ModelError: Their type cannot hold them.
    """
    found = values.detach().double().numpy()
    whole = found.astype(dtype)
    if not np.array_equal(whole, found):
        raise ModelError(f"{found.min()}..{found.max()} are no {dtype.__name__}")
    return np.ascontiguousarray(whole)
