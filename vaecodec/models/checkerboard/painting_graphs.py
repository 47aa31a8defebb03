"""The painter of a model as ONNX graphs that take any numbers for symbols, and back.

Written from the weights in a model file, when a sender asks for them. The painter is
made of linear layers and leaky ReLUs; so once it is known on which side of zero each of
these was, the way back is linear, too: the same layers transposed, last one first.

A layer of 1x1 with a shuffle behind it is a transposed convolution whose stride is the
side of its kernel; the way back through it is the convolution with the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vaecodec.models.architecture import Floats
from vaecodec.models.checkerboard.dequantizer import Tensors, take_weights
from vaecodec.models.depth import BRIGHTEST
from vaecodec.models.engines.onnx_messages import GraphWriter
from vaecodec.models.sizes import PATCH

LEAK = 0.1  # slope of a leaky ReLU below zero
SQUARE = 8  # pixels along a position of the fine blocks
CONTEXT = "context.block"


def side_input(block: str) -> str:
    """Name of what remembers the sides of zero in a residual block: 1 or `LEAK`."""
    return f"sides/{block}"


class PaintingGraphs:
    """Writes the graphs of one model. Letters are those of its specification.

    Args:
        tensors: of a model file.
        coarse: names of the residual blocks at 1/16, in their order.
        fine: those at 1/8.
    """

    def __init__(
        self, tensors: Tensors, *, coarse: Sequence[str], fine: Sequence[str]
    ) -> None:
        self._tensors, self._coarse, self._fine = tensors, coarse, fine
        self.blocks = [CONTEXT, *coarse, *fine]

    def prior(self) -> bytes:
        """Hyper-symbols [1, Z, h / 4, w / 4], gain [1, Z, 1, 1] -> prior features."""
        layers = _Layers(self._tensors)
        hyper, gain = layers.inputs("hyper", "gain")
        values = layers.shuffled(hyper, "hyper_synthesis.layers.0", 2)
        values, _ = layers.block(values, "hyper_synthesis.layers.2")
        values = layers.shuffled(values, "hyper_synthesis.layers.3", 2)
        values = layers.node("Mul", values, gain)
        prior, _ = layers.block(values, "hyper_synthesis.refine")
        return layers.model(prior)

    def levels(self) -> bytes:
        """Symbols [1, M, h, w] -> levels [1, 3, H, W], and the sides of each block.

        Also given: prior features [1, Z, h, w], what a symbol of 1 adds to a latent
        ("step") [1, M, 1, 1], the gain of fine features ("gain") [1, C, 1, 1], and 1
        in the first group, else 0 ("first") [1, M, h, w].
        """
        layers = _Layers(self._tensors)
        names = "symbols", "prior", "step", "gain", "first"
        symbols, prior, step, gain, first = layers.inputs(*names)
        changes = layers.node("Mul", symbols, step)
        means, side = self._means(layers, changes, prior, first)
        latent = layers.node("Add", means, changes)
        values, sides = self._trunk(layers, latent, prior, gain)
        detail = layers.shuffled(values, "synthesis.leave", SQUARE)
        image = layers.node("Sum", layers.spread_patches(latent), detail, layers.half)
        levels = layers.node("Mul", image, layers.brightest)
        return layers.model(levels, side, *sides)

    def slopes(self) -> bytes:
        """Slopes along levels [1, 3, H, W] -> along symbols [1, M, h, w].

        Also given: "step", "gain" and "first" as above, and the sides of each block.
        """
        layers = _Layers(self._tensors)
        along, step, gain, first = layers.inputs("along", "step", "gain", "first")
        sides = {name: layers.inputs(side_input(name))[0] for name in self.blocks}
        along = layers.node("Mul", along, layers.brightest)
        values = layers.unshuffled(along, "synthesis.leave", SQUARE)
        entered = self._trunk_back(layers, values, gain, sides)
        to_latent = layers.node("Add", entered, layers.patches_back(along))
        to_known = self._means_back(layers, to_latent, first, sides)
        both = layers.node("Add", to_latent, to_known)
        return layers.model(layers.node("Mul", both, step))

    def _means(
        self, layers: _Layers, changes: str, prior: str, first: str
    ) -> tuple[str, str]:
        """Means of both groups, and the sides of the block on their way."""
        means = layers.pointwise(prior, "first_means")
        known = layers.node("Mul", layers.node("Add", means, changes), first)
        entered = layers.added_prior(known, prior, "context")
        context, side = layers.block(entered, CONTEXT)
        correction = layers.pointwise(context, "context.leave")
        second = layers.node("Sub", layers.number(1), first)
        correction = layers.node("Mul", correction, second)
        return layers.node("Add", means, correction), side

    def _means_back(
        self, layers: _Layers, to_latent: str, first: str, sides: Mapping[str, str]
    ) -> str:
        """Along the latent -> along the first group, by way of the second's means."""
        second = layers.node("Sub", layers.number(1), first)
        values = layers.node("Mul", to_latent, second)
        values = layers.pointwise_back(values, "context.leave")
        values = layers.block_back(values, CONTEXT, sides[CONTEXT])
        values = layers.pointwise_back(values, "context.enter")
        return layers.node("Mul", values, first)

    def _trunk(
        self, layers: _Layers, latent: str, prior: str, gain: str
    ) -> tuple[str, list[str]]:
        """Features [1, C, H / 8, W / 8], and the sides of all blocks."""
        values, sides = layers.added_prior(latent, prior, "synthesis"), list[str]()
        for name in self._coarse:
            values, side = layers.block(values, name)
            sides.append(side)
        values = layers.shuffled(values, "synthesis.up", 2)
        for name in self._fine:
            if name == self._fine[-1]:
                values = layers.node("Mul", values, gain)
            values, side = layers.block(values, name)
            sides.append(side)
        return values, sides

    def _trunk_back(
        self, layers: _Layers, values: str, gain: str, sides: Mapping[str, str]
    ) -> str:
        """Along features -> along the latent, but for the linear part."""
        for name in reversed(self._fine):
            values = layers.block_back(values, name, sides[name])
            if name == self._fine[-1]:
                values = layers.node("Mul", values, gain)
        values = layers.unshuffled(values, "synthesis.up", 2)
        for name in reversed(self._coarse):
            values = layers.block_back(values, name, sides[name])
        return layers.pointwise_back(values, "synthesis.enter")


class _Layers:
    """Layers of the painter, and the ways back through them, as nodes of a graph."""

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._graph = GraphWriter()
        self.node = self._graph.node
        self.half, self.brightest = self.number(0.5), self.number(BRIGHTEST)

    def inputs(self, *names: str) -> list[str]:
        return [self._graph.input(name, np.float32, rank=4) for name in names]

    def model(self, *outputs: str) -> bytes:
        for name in outputs:
            self._graph.output(name, np.float32, rank=4)
        return self._graph.model()

    def number(self, value: float) -> str:
        return self._graph.constant(np.float32(value))

    def pointwise(self, source: str, name: str) -> str:
        weight, bias = self._weight(name), self._bias(name)
        return self.node("Conv", source, self._hold(weight), self._hold(bias))

    def pointwise_back(self, source: str, name: str) -> str:
        weight = self._weight(name).transpose(1, 0, 2, 3)
        return self.node("Conv", source, self._hold(weight))

    def added_prior(self, latent: str, prior: str, transform: str) -> str:
        """What a transform begins with."""
        entered = self.pointwise(latent, f"{transform}.enter")
        told = self.pointwise(prior, f"{transform}.enter_prior")
        return self.node("Add", entered, told)

    def shuffled(self, source: str, name: str, by: int) -> str:
        """A layer [1, C, h, w] -> [1, by * by * D, h, w], shuffled [1, D, H, W]."""
        total = self.node("ReduceMean", source, axes=[1], keepdims=1)
        nothing = self.node("Mul", total, self.number(0))
        ones = self.node("Add", nothing, self.number(1))
        bias = self._bias(name).reshape(1, -1, by, by)
        return self.node(
            "Add",
            self._spread(source, self._squares(name, by), by),
            self._spread(ones, bias, by),
        )

    def unshuffled(self, source: str, name: str, by: int) -> str:
        return self._gathered(source, self._squares(name, by), by)

    def spread_patches(self, latent: str) -> str:
        """The linear part of the image."""
        return self._spread(latent, self._patches(), PATCH)

    def patches_back(self, along: str) -> str:
        return self._gathered(along, self._patches(), PATCH)

    def block(self, source: str, name: str) -> tuple[str, str]:
        """A residual block; also the sides of its leaky ReLU, under their name."""
        weight = self._weight(f"{name}.depthwise")
        mixed = self._depthwise(source, weight, f"{name}.depthwise")
        hidden = self.pointwise(mixed, f"{name}.expand")
        above = self.node("Greater", hidden, self.number(0))
        slopes = self.number(1), self.number(LEAK)
        sides = self.node("Where", above, *slopes, out=side_input(name))
        hidden = self.node("Mul", hidden, sides)
        change = self.pointwise(hidden, f"{name}.project")
        return self.node("Add", source, change), sides

    def block_back(self, along: str, name: str, sides: str) -> str:
        hidden = self.pointwise_back(along, f"{name}.project")
        hidden = self.node("Mul", hidden, sides)
        mixed = self.pointwise_back(hidden, f"{name}.expand")
        flipped = self._weight(f"{name}.depthwise")[:, :, ::-1, ::-1]
        return self.node("Add", along, self._depthwise(mixed, flipped))

    def _depthwise(self, source: str, weight: Floats, name: str | None = None) -> str:
        bias = [] if name is None else [self._hold(self._bias(name))]
        channels, _, side, _ = weight.shape
        pads = [side // 2] * 4
        return self.node(
            "Conv", source, self._hold(weight), *bias, group=channels, pads=pads
        )

    def _spread(self, source: str, weight: Floats, by: int) -> str:
        held = self._hold(weight)
        return self.node("ConvTranspose", source, held, strides=[by, by])

    def _gathered(self, source: str, weight: Floats, by: int) -> str:
        return self.node("Conv", source, self._hold(weight), strides=[by, by])

    def _squares(self, name: str, by: int) -> Floats:
        """Weights [by * by * D, C, 1, 1] -> [C, D, by, by]."""
        weight = self._weight(name)[:, :, 0, 0].T
        return weight.reshape(len(weight), -1, by, by)

    def _patches(self) -> Floats:
        """The bypass, from latents as networks see them [M, 3, 16, 16]."""
        spread = take_weights(self._tensors, "synthesis.spread", [None, 1, 1])
        return self._squares("synthesis.bypass", PATCH) * spread[..., None]

    def _weight(self, name: str) -> Floats:
        return take_weights(self._tensors, f"{name}.weight", [None, None, None, None])

    def _bias(self, name: str) -> Floats:
        return take_weights(self._tensors, f"{name}.bias", [None])

    def _hold(self, values: Floats) -> str:
        return self._graph.constant(values)
