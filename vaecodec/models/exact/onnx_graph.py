"""An exact program as an ONNX model, in one of two kinds of arithmetic.

Inputs of the graph are those of the program, [1, h, w, C] as the arithmetic holds them,
and for each size of positions that a gain works on the qualities, int64 [h, w] or
[1, 1], under the name that `quality_input` says. Outputs are [1, h, w, C] of the types
of `DTYPES`. Channels are last throughout, so that nothing but shuffles moves values
about.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatchmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.engines.onnx_messages import GraphWriter
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
    Narrow,
    Operation,
    Pointwise,
    Quarters,
    Shuffle,
    Unquarters,
    Widen,
)
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.quarter_sums import (
    PLACES,
    QuarterSums,
    fine_by_places,
    quarter_sums,
)

DTYPES = {Kind.WIDE: np.float32, Kind.SIGNED: np.int8, Kind.UNSIGNED: np.uint8}


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
            dtype = self._compute.dtype(self._kind(given.name))
            self._graph.input(given.name, dtype, rank=4)
        for pixels in self._program.gain_pixels:
            self._graph.input(quality_input(pixels), np.int64, rank=2)
        found = {sums.out: sums for sums in quarter_sums(self._program)}
        inside = {name for sums in found.values() for name in sums.inside}
        write = self._write  # once: each look-up makes a new function
        for operation in self._program.operations:
            if operation.out in found:
                self._write_by_places(found[operation.out])
            elif operation.out not in inside:
                write(in_order(operation, self._orders))
        for name in self._program.outputs:
            self._put_out(name)
        return self._graph.model()

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

    def _write_by_places(self, sums: QuarterSums) -> None:
        coarse = in_order(sums.coarse, self._orders)
        fine = in_order(sums.fine, self._orders)
        narrow = in_order(sums.narrow, self._orders)
        places, kind = f"{narrow.out}/places", self._kind(fine.source)
        self._write(Quarters(fine.source, places))
        fine = fine_by_places(coarse, fine, places)
        parts = []
        for number in range(PLACES):
            added = self._compute.products(self._compute.part(fine, number), kind, None)
            parts.append(self._bytes_of_place(number, coarse, added, narrow))
        by = 1 if sums.shuffle is None else sums.shuffle.by
        self._join_places(parts, by, sums.out)

    def _bytes_of_place(
        self, number: int, coarse: Pointwise, added: str, narrow: Narrow
    ) -> str:
        rows: NDArray[Any] = np.split(coarse.weight, PLACES)[number]
        layer = replace(coarse, weight=rows, bias=np.zeros(len(rows), np.int32))
        sums = self._compute.products(layer, self._kind(coarse.source), None)
        both = self._graph.node("Add", sums, added)
        kind = self._kind(narrow.out)
        return self._compute.quantize(both, narrow.shift, kind, None)

    def _join_places(self, parts: list[str], by: int, out: str) -> None:
        """Four [1, h, w, by * by * C] -> [1, h * 2 * by, w * 2 * by, C]."""
        node, channels = self._graph.node, self._program.facts[out].channels
        run = by * channels  # what stays side by side
        rows = [
            node("Reshape", part, self._numbers(0, 0, 0, by, 1, run)) for part in parts
        ]
        joined = node("Concat", *rows, axis=4)
        pairs = node("Reshape", joined, self._numbers(0, 0, 0, by, 2, 2 * run))
        turned = node("Transpose", pairs, perm=(0, 1, 4, 3, 2, 5))
        width = node("Mul", self._width(parts[0]), self._numbers(2 * by))
        self._reshape(turned, (1, -1), width, (channels,), out=out)

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
