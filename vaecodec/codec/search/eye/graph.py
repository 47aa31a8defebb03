"""The measure for the eye, and its slope along the decoded image, as an ONNX graph.

It is what models for the eye are trained for; training has its own version, in PyTorch.
Here every slope is written out, so that a sender needs no PyTorch.
"""

from __future__ import annotations

import numpy as np

from vaecodec.codec.search.eye import numbers
from vaecodec.codec.search.eye.nodes import COLOURS, Nodes, Term
from vaecodec.codec.search.eye.numbers import counted_planes
from vaecodec.codec.search.eye.structure import Structure
from vaecodec.models.engines.onnx_messages import GraphWriter

PLAINNESS = "plainness"


def write_original_graph() -> bytes:
    """Levels "original" [1, 3, H, W] -> what `write_graph` asks for of it, by name."""
    graph = GraphWriter()
    nodes = Nodes(graph)
    original = graph.input("original", np.float32, rank=4)
    planes = Structure(nodes).planes(original)
    found = {_planes_input(scale): name for scale, name in planes.items()}
    for name, value in {**found, PLAINNESS: _plainness(nodes, original)}.items():
        graph.output(nodes.node("Identity", value, out=name), np.float32, rank=4)
    return graph.model()


def write_graph() -> bytes:
    """Levels "original" and "decoded" [1, 3, H, W], "worth" [1] -> sum, slope.

    Also given is what `write_original_graph` puts out. The sum [1, 1, 1, 1] is in units
    of the mean squared error of levels; the slope [1, 3, H, W] is that of the sum along
    `decoded`. Sides are multiples of 32. "worth" is the squared error that a unit of
    structural distance stands for.
    """
    graph = GraphWriter()
    nodes = Nodes(graph)
    scales = [scale for scale, planes in enumerate(counted_planes()) if planes]
    names = *map(_planes_input, scales), PLAINNESS, "original", "decoded"
    *found, plainness, original, decoded = (
        graph.input(name, np.float32, rank=4) for name in names
    )
    worth = graph.input("worth", np.float32, rank=1)
    share = nodes.scaled(worth, 1 - numbers.SQUARED_ERROR_SHARE)
    planes = dict(zip(scales, found, strict=True))
    structure = Structure(nodes).write(planes, decoded)
    error = nodes.subtract(decoded, original)
    terms = (
        Term(*(nodes.times(part, share) for part in structure)),
        _anchor(nodes, error),
        _smooth(nodes, plainness, error),
    )
    for parts in zip(*terms, strict=True):
        graph.output(nodes.add(*parts), np.float32, rank=4)
    return graph.model()


def _planes_input(scale: int) -> str:
    return f"planes/{scale}"


def _anchor(nodes: Nodes, error: str) -> Term:
    """Squared error in which luma counts more than colour."""
    luma = np.array(numbers.LUMA)
    rest = np.eye(COLOURS) - luma  # of each colour, what is not luma
    form = numbers.LUMA_VALUE * np.outer(luma, luma)
    form += numbers.COLOUR_VALUE / COLOURS * rest.T @ rest
    weighed = nodes.mixed(error, numbers.SQUARED_ERROR_SHARE * form)
    return _quadratic(nodes, error, weighed)


def _smooth(nodes: Nodes, plainness: str, error: str) -> Term:
    """Squared error of local means where the original is plain."""
    means = nodes.reduced(error, numbers.REDUCTION)
    weight = nodes.scaled(plainness, numbers.SMOOTH_VALUE / COLOURS)
    total, slope = _quadratic(nodes, means, nodes.times(means, weight))
    return Term(total, nodes.reduced_back(slope, numbers.REDUCTION))


def _plainness(nodes: Nodes, original: str) -> str:
    """1 where light does not vary in and around squares, falling to 0 [1, 1, h, w]."""
    light = nodes.mixed(original, np.full((1, COLOURS), 1 / COLOURS))
    mean, power = (
        nodes.reduced(each, numbers.REDUCTION) for each in (light, nodes.square(light))
    )
    variance = nodes.node("Relu", nodes.subtract(power, nodes.square(mean)))
    around = nodes.node(
        "MaxPool", variance, kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4
    )
    busy = nodes.raised(nodes.scaled(around, 1 / numbers.PLAIN_VARIANCE), 1)
    return nodes.divide(nodes.hold(1), busy)


def _quadratic(nodes: Nodes, values: str, weighed: str) -> Term:
    """Mean over positions of values times themselves weighed, a symmetric form."""
    total = nodes.mean(nodes.over_channels(nodes.times(values, weighed)))
    slope = nodes.divide(nodes.scaled(weighed, 2), nodes.count(values))
    return Term(total, slope)
