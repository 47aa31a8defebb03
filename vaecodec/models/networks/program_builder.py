"""Operations of exact programs, made from layers and places of a trained network.

Where a module works on multiples of 2**exponent, a program works on the multiples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.models.exact.operations import (
    Add,
    Depthwise,
    Gain,
    Operation,
    Pointwise,
)
from vaecodec.models.exact.operations import Narrow as NarrowOperation
from vaecodec.models.networks.exact_layers import ExactBlock, Narrow
from vaecodec.models.networks.exact_rounding import IntegerLayer, integers
from vaecodec.models.networks.layer_place import LayerPlace

NO_SHIFT = np.zeros(1, np.int8)


class Builder:
    """Operations one after the other; each method returns the name of its result.

    Args:
        places: of all layers.
    """

    def __init__(self, places: Mapping[str, LayerPlace]) -> None:
        self.places = places
        self.operations: list[Operation] = []

    def add(self, operation: Operation) -> str:
        """Append any operation."""
        self.operations.append(operation)
        return operation.out

    def narrow(self, source: str, place: Narrow, unit: Tensor, out: str) -> str:
        """A stream of multiples of 2**unit, narrowed."""
        shift = shifts(place.exponent - unit)
        return self.add(NarrowOperation(source, out, shift, signed=True))

    def wide(
        self,
        source: str,
        name: str,
        unit: Tensor | None = None,
        groups: int = 1,
        dtype: type[np.integer[Any]] = np.int8,
    ) -> str:
        """A 1x1 layer with wide sums, lifted to multiples of 2**unit [O, 1, 1]."""
        place = self.places[name]
        layer = place.integers()
        weight, bias = arrays(layer, dtype)
        lift = None if unit is None else shifts(layer.exponents - unit.flatten())
        out = out_of(place)
        return self.add(Pointwise(source, out, weight, bias, lift=lift, groups=groups))

    def narrowed(self, source: str, name: str, exponent: Tensor, signed: bool) -> str:
        """A 1x1 layer that puts out narrow multiples of 2**exponent [O, 1, 1]."""
        place = self.places[name]
        layer = place.integers()
        weight, bias = arrays(layer)
        shift = shifts(exponent.flatten() - layer.exponents)
        return self.add(
            Pointwise(source, out_of(place), weight, bias, shift=shift, signed=signed)
        )

    def block(self, source: str, block: ExactBlock, name: str) -> str:
        """A residual block on a stream."""
        place = self.places[f"{name}.depthwise"]
        out = out_of(place).removesuffix("_mixed")
        seen = self.narrow(source, block.seen, block.stream, f"{out}_seen")
        layer = place.integers()
        weight, bias = arrays(layer)
        kernel = block.depthwise.kernel_size[0]
        # [C, k * k] -> [C, k, k]
        kernels = weight.reshape(len(weight), kernel, kernel)
        shift = shifts(block.mixed.exponent.flatten() - layer.exponents)
        mixed = self.add(
            Depthwise(seen, f"{out}_mixed", kernels, bias, shift=shift, signed=True)
        )
        exponent = block.hidden.exponent
        hidden = self.narrowed(mixed, f"{name}.expand", exponent, signed=False)
        change = self.wide(hidden, f"{name}.project", block.stream)
        return self.add(Add(source, change, out, NO_SHIFT, NO_SHIFT))

    def gain(
        self, source: str, place: Narrow, gains: Tensor, stream: Tensor, out: str
    ) -> str:
        """Narrow values times gains [101, C], in multiples of 2**stream."""
        units = torch.exp2((place.exponent - stream).flatten())
        table = torch.round(gains * units)
        return self.add(Gain(source, out, integers(table, np.int16)))


def out_of(place: LayerPlace) -> str:
    """The tensor that the operation of a layer makes."""
    return place.operation.partition(".")[2]


def arrays(
    layer: IntegerLayer, dtype: type[np.integer[Any]] = np.int8
) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Weights [O, I] and biases [O]."""
    return integers(layer.weight, dtype), integers(layer.bias, np.int32)


def shifts(exponents: Tensor) -> NDArray[np.int8]:
    """Shifts for channels, or one if they are all alike."""
    shifts = integers(exponents.flatten(), np.int8)
    return shifts[:1] if np.all(shifts == shifts[0]) else shifts
