"""Exact arithmetic in float32: plain operators that every engine has.

Tensors are float32 [1, h, w, C] and hold integers. That they are exact needs nothing
but IEEE 754: whatever is multiplied, added or rounded here stays below 2**24, or is an
integer divided by a power of two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.models.engines.onnx_messages import GraphWriter, element_type
from vaecodec.models.exact.facts import Kind, narrow_kind
from vaecodec.models.exact.operations import Depthwise, Pointwise, Shifts

LAST = 3  # the axis of channels
NO_SHIFT = np.zeros(1, np.int8)

Layer = TypeVar("Layer", Pointwise, Depthwise)


class FloatArithmetic:
    """Writes the nodes of the operations that compute; names in, names out.

    Args:
        graph: is written to.

    Attributes:
        optimized: whether graphs gain from what ONNX Runtime can rewrite.
    """

    optimized: ClassVar[bool] = True

    def __init__(self, graph: GraphWriter) -> None:
        self.graph = graph

    @staticmethod
    def dtype(kind: Kind) -> type[np.generic]:
        """Type of the tensors of a kind."""
        return np.float32

    @classmethod
    def held(cls, values: NDArray[Any], kind: Kind) -> NDArray[Any]:
        """Whole numbers as tensors of a kind hold them; no copy if they do already."""
        return np.ascontiguousarray(values, cls.dtype(kind))

    def quantize(self, wide: str, shift: Shifts, kind: Kind, out: str | None) -> str:
        """``rne(wide / 2**shift)``, clamped to the range of a narrow kind."""
        node, constant = self.graph.node, self.floats
        rounded = node("Round", self.scale(wide, -shift))
        return node("Clip", rounded, *map(constant, kind.value), out=out)

    def widen(
        self, source: str, kind: Kind, shift: Shifts, out: str | None = None
    ) -> str:
        """``source * 2**shift``, wide, of any kind of source."""
        return self.scale(source, shift, out)

    def integers(self, tensor: str, kind: Kind, dtype: DTypeLike) -> str:
        """The numbers of a tensor in the dtype that its kind has outside."""
        if kind is Kind.WIDE:
            return tensor
        return self.graph.node("Cast", tensor, to=element_type(dtype))

    def scale(self, wide: str, shift: Shifts, out: str | None = None) -> str:
        """``wide * 2**shift``."""
        if out is None and not shift.any():
            return wide
        return self.graph.node("Mul", wide, self.floats(powers(shift)), out=out)

    def pointwise(self, layer: Pointwise, kind: Kind) -> str:
        """A layer whose source is of a kind."""
        if layer.shift is None:
            return self._sums(layer, kind, layer.out)
        sums = self._sums(_shifted(layer, layer.shift), kind, None)
        return self.quantize(sums, NO_SHIFT, narrow_kind(layer.signed), layer.out)

    def products(self, layer: Pointwise, kind: Kind, out: str | None) -> str:
        """The wide sums of a layer of one group."""
        if layer.lift is not None:
            layer = _shifted(layer, -layer.lift)
        node, factors = self.graph.node, self.floats(layer.weight.T)
        if not layer.bias.any():
            return node("MatMul", layer.source, factors, out=out)
        products = node("MatMul", layer.source, factors)
        return node("Add", products, self.floats(layer.bias), out=out)

    def depthwise(self, layer: Depthwise, kind: Kind) -> str:
        """A layer whose source is of a kind."""
        node, shifted = self.graph.node, _shifted(layer, layer.shift)
        channels, size = layer.weight.shape[:2]
        padding = (size // 2,) * 4
        weight, bias = self.floats(shifted.weight[:, None]), self.floats(shifted.bias)
        planes = node("Transpose", layer.source, perm=(0, 3, 1, 2))
        sums = node("Conv", planes, weight, bias, group=channels, pads=padding)
        wide = node("Transpose", sums, perm=(0, 2, 3, 1))
        return self.quantize(wide, NO_SHIFT, narrow_kind(layer.signed), layer.out)

    def floats(self, values: Any) -> str:
        """A constant, as float32."""
        return self.graph.constant(np.asarray(values, np.float32))

    def _sums(self, layer: Pointwise, kind: Kind, out: str | None) -> str:
        """The wide sums of a layer, group by group."""
        if layer.groups == 1:
            return self.products(layer, kind, out)
        parts = [
            self.products(self.part(layer, group), kind, None)
            for group in range(layer.groups)
        ]
        return self.graph.node("Concat", *parts, axis=LAST, out=out)

    def part(self, layer: Pointwise, group: int) -> Pointwise:
        """What a layer does for one of its groups, and a node for what that reads."""
        outputs, inputs = len(layer.weight) // layer.groups, layer.weight.shape[1]
        numbers = (group * inputs, (group + 1) * inputs, LAST)
        bounds = [
            self.graph.constant(np.array([number], np.int64)) for number in numbers
        ]
        mine = slice(group * outputs, (group + 1) * outputs)
        lift = layer.lift
        return replace(
            layer,
            source=self.graph.node("Slice", layer.source, *bounds),
            weight=layer.weight[mine],
            bias=layer.bias[mine],
            lift=lift if lift is None or lift.size == 1 else lift[mine],
            groups=1,
        )


def powers(shift: NDArray[np.int8]) -> NDArray[np.float32]:
    """``2**shift``, exactly."""
    return np.ldexp(np.float32(1), shift)


def _shifted(layer: Layer, shift: Shifts) -> Layer:
    """The layer with sums divided by ``2**shift``, which changes no digit of them.

    Its weights and biases are floats.
    """
    unit = powers(-shift)
    each = unit.reshape(-1, *[1] * (layer.weight.ndim - 1))
    floats: dict[str, Any]
    floats = {"weight": layer.weight * each, "bias": layer.bias * unit}
    return replace(layer, **floats)
