"""Exact arithmetic in the 8-bit kernels of ONNX Runtime: the fast path.

Wide tensors are float32 [1, h, w, C], narrow ones uint8: signed ones 128 above their
value. Kernels sum in int32, multiply the sum once by a power of two and round to the
nearest, halves to even.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.models.engines.onnx_messages import MICROSOFT
from vaecodec.models.exact.facts import Kind, narrow_kind
from vaecodec.models.exact.onnx_float import NO_SHIFT, FloatArithmetic, powers
from vaecodec.models.exact.operations import Depthwise, Pointwise, Shifts

SIGN = 128  # the bit; to flip it adds 128 to signed bytes


class Int8Arithmetic(FloatArithmetic):
    """Writes the nodes of the operations that compute; names in, names out."""

    # The nodes are those that it would choose: it only takes time to look for others.
    optimized = False

    @staticmethod
    def dtype(kind: Kind) -> type[np.generic]:
        """Type of the tensors of a kind."""
        return np.float32 if kind is Kind.WIDE else np.uint8

    @classmethod
    def held(cls, values: NDArray[Any], kind: Kind) -> NDArray[Any]:
        """Whole numbers as tensors of a kind hold them; no copy if they do already."""
        if kind is not Kind.SIGNED:
            return super().held(values, kind)
        return np.ascontiguousarray(values, np.int8).view(np.uint8) ^ np.uint8(SIGN)

    def quantize(self, wide: str, shift: Shifts, kind: Kind, out: str | None) -> str:
        """``rne(wide / 2**shift)``, clamped to the range of a narrow kind."""
        if shift.size > 1:  # Kernels with a scale for each channel are slow.
            wide, shift = self.scale(wide, -shift), NO_SHIFT
        step = self.floats(powers(shift[0]))
        return self.graph.node("QuantizeLinear", wide, step, self._zero(kind), out=out)

    def widen(
        self, source: str, kind: Kind, shift: Shifts, out: str | None = None
    ) -> str:
        """``source * 2**shift``, wide, of any kind of source."""
        if kind is Kind.WIDE:
            return self.scale(source, shift, out)
        if shift.size > 1:
            return self.scale(self.widen(source, kind, NO_SHIFT), shift, out)
        step = self.floats(powers(shift[0]))
        return self.graph.node(
            "DequantizeLinear", source, step, self._zero(kind), out=out
        )

    def integers(self, tensor: str, kind: Kind, dtype: DTypeLike) -> str:
        """The numbers of a tensor in the dtype that its kind has outside."""
        if kind is Kind.SIGNED:
            tensor = self.widen(tensor, kind, NO_SHIFT)
            return super().integers(tensor, kind, dtype)
        return tensor

    def products(self, layer: Pointwise, kind: Kind, out: str | None) -> str:
        """The wide sums of a layer of one group."""
        if kind is Kind.WIDE:
            return super().products(layer, kind, out)
        factors = powers(NO_SHIFT if layer.lift is None else layer.lift)
        return self.graph.node(
            "MatMulIntegerToFloat",
            layer.source,
            self.graph.constant(np.ascontiguousarray(layer.weight.T)),
            self.floats(1),
            self.floats(factors),
            self._zero(kind),
            self.graph.constant(np.int8(0)),
            self.floats(layer.bias * factors),
            out=out,
            domain=MICROSOFT,
        )

    def pointwise(self, layer: Pointwise, kind: Kind) -> str:
        """A layer whose source is of a kind."""
        if kind is Kind.WIDE or layer.shift is None:
            return super().pointwise(layer, kind)
        weight = layer.weight[:, :, None, None]
        return self._convolution(layer, layer.shift, kind, weight, layer.groups)

    def depthwise(self, layer: Depthwise, kind: Kind) -> str:
        """A layer whose source is of a kind."""
        weight = layer.weight[:, None]
        return self._convolution(layer, layer.shift, kind, weight, len(weight))

    def _convolution(
        self,
        layer: Pointwise | Depthwise,
        shift: Shifts,
        kind: Kind,
        weight: NDArray[Any],
        groups: int,
    ) -> str:
        constant, one, channels = self.graph.constant, self.floats(1), len(weight)
        return self.graph.node(
            "QLinearConv",
            layer.source,
            one,
            self._zero(kind),
            constant(weight),
            self.floats(np.broadcast_to(powers(-shift), channels)),
            constant(np.zeros(channels, np.int8)),
            one,
            self._zero(narrow_kind(layer.signed)),
            constant(layer.bias),
            out=layer.out,
            domain=MICROSOFT,
            channels_last=1,
            group=groups,
            pads=(weight.shape[-1] // 2,) * 4,
        )

    def _zero(self, kind: Kind) -> str:
        """What stands for the value 0."""
        return self.graph.constant(np.uint8(SIGN if kind is Kind.SIGNED else 0))
