"""Graphs of images with 8 bits -> the same networks with levels that are no integers.

A model's graphs take and put out uint8 samples: they begin with a conversion to float,
and end with the rounding to levels. What the networks compute in between knows no
depth. So one graph is told that it is given floats, and the other also puts out what it
is about to round. No model has to be made anew for images of more than 8 bits, and
what they look like follows from the same tensors.

In: the bytes of a graph; out: those of its twin. *Levels* are floats, 0 for black and
255 for white.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from vaecodec.errors import ModelError
from vaecodec.models.engines.onnx_messages import node_info, value_info
from vaecodec.models.engines.protobuf import changed, field, fields

ANALYSIS, DEEP_ANALYSIS = "analysis", "deep analysis"  # a graph, and its twin
IMAGE = "image"
LEVELS = "levels"
# What a graph ends with, in any order, after it has added a half.
_ROUNDING = {"Reshape", "Transpose", "Cast", "Clip", "Floor"}
_ADD = "Add"

# Numbers of fields in onnx.proto.
_GRAPH, _NODE, _INPUT, _OUTPUT = 7, 1, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _OPERATOR = 1, 2, 4
_NAME = 1


class _Node(NamedTuple):
    operator: str
    source: str  # its first input


def given_levels(graph: bytes) -> bytes:
    """The graph, whose `image` is float32 [H, W, 3] in levels.

    Raises:
        ModelError: It is no graph, or has no such input.
    """
    declared = b"".join(field(_NAME, IMAGE))
    levels = b"".join(value_info(IMAGE, np.float32, 3))

    def change(value: bytes) -> bytes:
        return levels if value.startswith(declared) else value

    found = _changed(graph, lambda message: changed(message, _INPUT, change))
    if levels not in found:
        raise ModelError(f"a graph for deep samples has no input {IMAGE!r}")
    return found


def with_levels(graph: bytes) -> bytes:
    """The graph, whose last output are the levels of the image, float32 [1, 3 H W].

    Raises:
        ModelError: It is no graph, or does not end in a rounding.
    """

    def change(message: bytes) -> bytes:
        flat = node_info("Flatten", [_before_rounding(message)], LEVELS, axis=0)
        levels = value_info(LEVELS, np.float32, 2)
        return message + b"".join(field(_NODE, flat) + field(_OUTPUT, levels))

    return _changed(graph, change)


def _changed(graph: bytes, change: Callable[[bytes], bytes]) -> bytes:
    try:
        return changed(graph, _GRAPH, change)
    except (IndexError, UnicodeDecodeError) as error:
        raise ModelError("a graph for deep samples is no ONNX model") from error


def _before_rounding(message: bytes) -> str:
    """Name of the levels that a graph rounds to its image."""
    nodes = dict(_nodes(message))
    found, name = set[str](), IMAGE
    while (node := nodes.pop(name, None)) and node.operator in _ROUNDING:
        found.add(node.operator)
        name = node.source
    if node is None or node.operator != _ADD or not {"Clip", "Cast"} <= found:
        raise ModelError(
            "the graph does not end in Add, Clip and Cast, as it must for samples of "
            "more than 8 bits"
        )
    return node.source


def _nodes(message: bytes) -> Iterator[tuple[str, _Node]]:
    """The nodes of a graph by the name of what they put out."""
    for number, value, _ in fields(message):
        if number == _NODE and value is not None:
            texts = {_NODE_INPUT: "", _NODE_OUTPUT: "", _OPERATOR: ""}
            for key, text, _ in fields(value):
                if not texts.get(key, "known") and text is not None:
                    texts[key] = text.decode()
            yield texts[_NODE_OUTPUT], _Node(texts[_OPERATOR], texts[_NODE_INPUT])
