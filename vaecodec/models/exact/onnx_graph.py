"""An exact program as an ONNX model, in one of two kinds of arithmetic.

Inputs of the graph are those of the program, [h, w, C], and for each size of positions
that a gain works on the qualities, int64 [h, w] or [1, 1], under the names that
`graph_input` and `quality_input` say. Outputs are [1, h, w, C]. Both have the types of
`DTYPES`. Channels are last throughout, so that nothing but shuffles moves values about.
"""

from __future__ import annotations

from functools import singledispatchmethod

import numpy as np

from vaecodec.models.engines.onnx_messages import GraphWriter, element_type
from vaecodec.models.exact.channel_order import (
    channel_orders,
    in_order,
    shuffle_order,
)
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.onnx_float import LAST, NO_SHIFT, FloatArithmetic
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
    Widen,
)
from vaecodec.models.exact.program import Program

# Outside of programs, as well as in their graphs; float32 holds wide integers exactly.
DTYPES = {Kind.WIDE: np.float32, Kind.SIGNED: np.int8, Kind.UNSIGNED: np.uint8}


def graph_input(name: str) -> str:
    """Name of the input of a graph that is an input of the program."""
    return f"{name}/input"


def quality_input(pixels: int) -> str:
    """Name of the input of qualities, one for each position of so many pixels."""
    return f"quality/{pixels}"


def write_graph(program: Program, arithmetic: type[FloatArithmetic]) -> bytes:
    """The bytes of an ONNX model."""
    return _Translation(program, arithmetic).translate()


class _Translation:
    def __init__(self, program: Program, arithmetic: type[FloatArithmetic]) -> None:
        self._program = program
        self._graph = GraphWriter()
        self._compute = arithmetic(self._graph)
        self._orders = channel_orders(program)

    def translate(self) -> bytes:
        for given in self._program.inputs:
            self._read(given)
        for pixels in self._program.gain_pixels:
            self._graph.input(quality_input(pixels), np.int64, rank=2)
        for operation in self._program.operations:
            self._write(in_order(operation, self._orders))
        for name in self._program.outputs:
            self._put_out(name)
        return self._graph.model()

    def _read(self, given: Input) -> None:
        node, name = self._graph.node, given.name
        dtype = DTYPES[self._kind(name)]
        positions = self._graph.input(graph_input(name), dtype, rank=3)
        if given.narrow:
            floats = node("Cast", positions, to=element_type(np.float32))
            wide = node("Unsqueeze", floats, self._numbers(0))
            self._compute.quantize(wide, NO_SHIFT, self._kind(name), name)
        else:
            node("Unsqueeze", positions, self._numbers(0), out=name)

    def _put_out(self, name: str) -> None:
        kind = self._kind(name)
        dtype = DTYPES[kind]
        self._graph.output(self._compute.integers(name, kind, dtype), dtype, rank=4)

    @singledispatchmethod
    def _write(self, operation: Operation) -> None:
        raise TypeError(f"no operation: {operation!r}")

    @_write.register
    def _(self, operation: Narrow) -> None:
        kind = self._kind(operation.out)
        self._compute.quantize(operation.source, operation.shift, kind, operation.out)

    @_write.register
    def _(self, operation: Widen) -> None:
        kind = self._kind(operation.source)
        self._compute.widen(operation.source, kind, operation.shift, operation.out)

    @_write.register
    def _(self, operation: Pointwise) -> None:
        self._compute.pointwise(operation, self._kind(operation.source))

    @_write.register
    def _(self, operation: Depthwise) -> None:
        self._compute.depthwise(operation, self._kind(operation.source))

    @_write.register
    def _(self, operation: Add) -> None:
        left, right = (
            self._compute.widen(name, self._kind(name), shift)
            for name, shift in (
                (operation.left, operation.left_shift),
                (operation.right, operation.right_shift),
            )
        )
        self._graph.node("Add", left, right, out=operation.out)

    @_write.register
    def _(self, operation: Gain) -> None:
        node, source = self._graph.node, operation.source
        qualities = quality_input(self._program.facts[source].pixels)
        factors = node("Gather", self._compute.floats(operation.table), qualities)
        wide = self._compute.widen(source, self._kind(source), NO_SHIFT)
        node("Mul", wide, factors, out=operation.out)

    @_write.register
    def _(self, operation: Shuffle) -> None:
        wanted = shuffle_order(self._orders[operation.out], operation.by)
        source, order = operation.source, self._orders[operation.source]
        if not np.array_equal(order, wanted):
            places = self._graph.constant(np.argsort(order)[wanted].astype(np.int64))
            source = self._graph.node("Gather", source, places, axis=LAST)
        self._spread(source, operation.by, operation.out)

    @_write.register
    def _(self, operation: Unquarters) -> None:
        self._spread(operation.source, 2, operation.out)

    @_write.register
    def _(self, operation: Quarters) -> None:
        node, source = self._graph.node, operation.source
        channels = self._program.facts[source].channels
        half = node("Div", self._width(source), self._numbers(2))
        pairs = self._reshape(source, (1, -1, 2), half, (2 * channels,))
        cells = node("Transpose", pairs, perm=(0, 1, 3, 2, 4))
        shape = self._numbers(0, 0, 0, -1)  # 0 keeps a length
        node("Reshape", cells, shape, out=operation.out)

    def _spread(self, source: str, by: int, out: str) -> None:
        """[1, h, w, by * by * C] -> [1, h * by, w * by, C], whole runs of by * C."""
        node, channels = self._graph.node, self._program.facts[out].channels
        rows = node("Reshape", source, self._numbers(0, 0, 0, by, by * channels))
        turned = node("Transpose", rows, perm=(0, 1, 3, 2, 4))
        width = node("Mul", self._width(source), self._numbers(by))
        self._reshape(turned, (1, -1), width, (channels,), out=out)

    def _width(self, tensor: str) -> str:
        return self._graph.node("Shape", tensor, start=2, end=3)

    def _reshape(
        self,
        tensor: str,
        before: tuple[int, ...],
        width: str,
        after: tuple[int, ...],
        out: str | None = None,
    ) -> str:
        """Reshape to lengths of which one is known only when the graph runs."""
        parts = self._numbers(*before), width, self._numbers(*after)
        shape = self._graph.node("Concat", *parts, axis=0)
        return self._graph.node("Reshape", tensor, shape, out=out)

    def _numbers(self, *numbers: int) -> str:
        return self._graph.constant(np.array(numbers, np.int64))

    def _kind(self, name: str) -> Kind:
        return self._program.facts[name].kind
