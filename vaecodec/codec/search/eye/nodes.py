"""What the terms of the measure are computed from, as nodes of an ONNX graph.

Tensors are [1, C, H, W] throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.search.ssimulacra2 import GAUSSIAN, RADIUS
from vaecodec.models.engines.onnx_messages import GraphWriter, element_type

COLOURS = 3


class Term(NamedTuple):
    """Names of a sum [1, 1, 1, 1], and of its slope along an image."""

    total: str
    slope: str


class Nodes:
    """Writes nodes of a graph."""

    def __init__(self, graph: GraphWriter) -> None:
        self.node = graph.node
        self._graph = graph

    def hold(self, values: float | NDArray[np.floating]) -> str:
        """A constant."""
        return self._graph.constant(np.asarray(values, np.float32))

    def add(self, one: str, *others: str) -> str:
        """The sum of tensors."""
        return self.node("Sum", one, *others)

    def subtract(self, one: str, other: str) -> str:
        """The difference of two tensors."""
        return self.node("Sub", one, other)

    def times(self, one: str, other: str) -> str:
        """The product of two tensors, element by element."""
        return self.node("Mul", one, other)

    def square(self, values: str) -> str:
        """The square of each element."""
        return self.times(values, values)

    def divide(self, one: str, other: str) -> str:
        """The quotient of two tensors."""
        return self.node("Div", one, other)

    def scaled(self, values: str, factor: float) -> str:
        """A tensor times a number."""
        return self.times(values, self.hold(factor))

    def raised(self, values: str, by: float) -> str:
        """A tensor plus a number."""
        return self.node("Add", values, self.hold(by))

    def power(self, values: str, exponent: float) -> str:
        """A power of each element."""
        return self.node("Pow", values, self.hold(exponent))

    def mixed(self, values: str, matrix: NDArray[np.float64]) -> str:
        """A matrix [D, C] times the channels."""
        return self.node("Conv", values, self.hold(matrix[:, :, None, None]))

    def mean(self, values: str) -> str:
        """The mean of each channel [1, C, 1, 1]."""
        return self.node("ReduceMean", values, axes=[2, 3], keepdims=1)

    def over_channels(self, values: str) -> str:
        """The sum over channels [1, 1, H, W]."""
        return self.scaled(
            self.node("ReduceMean", values, axes=[1], keepdims=1), COLOURS
        )

    def count(self, values: str) -> str:
        """How many elements a channel has, [1]."""
        sides = self.node("Shape", values, start=2, end=4)
        product = self.node("ReduceProd", sides, axes=[0], keepdims=1)
        return self.node("Cast", product, to=element_type(np.float32))

    def reduced(self, values: str, side: int) -> str:
        """Means of squares."""
        sides = [side, side]
        return self.node("AveragePool", values, kernel_shape=sides, strides=sides)

    def reduced_back(self, slope: str, side: int) -> str:
        """The way back through `reduced`, of the three colours."""
        share = np.full((COLOURS, 1, side, side), side**-2)
        held, strides = self.hold(share), [side, side]
        return self.node("ConvTranspose", slope, held, strides=strides, group=COLOURS)

    def blurred(self, values: str, channels: int) -> str:
        """The Gaussian of each channel; at the sides, that of the part inside."""
        return self.divide(self._windows(values, channels), self._inside(values))

    def blurred_back(self, slope: str, channels: int) -> str:
        """The way back through `blurred`."""
        return self._windows(self.divide(slope, self._inside(slope)), channels)

    def chosen(self, condition: str, one: str, other: str) -> str:
        """Elements of one tensor where a condition holds, else of another."""
        return self.node("Where", condition, one, other)

    def stacked(self, tensors: Sequence[str]) -> str:
        """Tensors one after the other along the channels."""
        return self.node("Concat", *tensors, axis=1)

    def split(self, values: str, parts: int, channels: int) -> list[str]:
        """Inverse of `stacked`, for parts of so many channels."""

        def part(number: int) -> str:
            axis = self._graph.constant(np.array([1], np.int64))
            bounds = (
                self._graph.constant(np.array([place * channels], np.int64))
                for place in (number, number + 1)
            )
            return self.node("Slice", values, *bounds, axis)

        return [part(number) for number in range(parts)]

    def _inside(self, values: str) -> str:
        """How much of the Gaussian lies inside of the image [1, 1, H, W]."""
        one = self.node("ReduceMean", values, axes=[1], keepdims=1)
        ones = self.raised(self.scaled(one, 0), 1)
        return self._windows(ones, 1)

    def _windows(self, values: str, channels: int) -> str:
        bell = np.broadcast_to(GAUSSIAN, (channels, 1, len(GAUSSIAN)))
        down, across = self.hold(bell[..., None]), self.hold(bell[:, :, None])
        rows = self.node(
            "Conv", values, down, group=channels, pads=[RADIUS, 0, RADIUS, 0]
        )
        return self.node(
            "Conv", rows, across, group=channels, pads=[0, RADIUS, 0, RADIUS]
        )
