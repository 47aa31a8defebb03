"""Refuse ONNX graphs that would read files: a model is data and may come from anywhere.

An ONNX tensor may name a file that holds its values. ONNX Runtime 1.20 to 1.22 open any
such path, or take it for an address in memory and crash; 1.31 still opens what lies
below the current folder. Graphs of model files name only `LOCATION`, which stands for
the weights that the engine hands over. This module walks the bytes of a graph without
knowing its schema: whatever can be read as a protobuf message is looked into, so
nothing of the real structure is missed.
"""

from __future__ import annotations

from vaecodec.errors import ModelError
from vaecodec.models.engines.protobuf import fields
from vaecodec.models.names import LOCATION

MAX_GRAPH_BYTES = 1 << 20
MAX_DEPTH = 32
KEY = b"location"  # of the entry that names a file


def refuse_other_locations(graph: bytes) -> None:
    """Pass a graph that names no file.

    Raises:
        ModelError: It names one, or something like a name is nested deeper than in any
            graph that this package writes, or the graph is larger.
    """
    if len(graph) > MAX_GRAPH_BYTES:
        raise ModelError(
            f"a graph of {len(graph)} bytes, at most {MAX_GRAPH_BYTES} are allowed"
        )
    _look_into(graph, depth=0)


def _look_into(message: bytes, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ModelError(f"a graph nested more than {MAX_DEPTH} deep")
    if KEY not in message:
        return  # Most of a graph: what it consists of cannot hold the key either.
    try:
        found = [(number, value) for number, value, _ in fields(message)]
    except IndexError:
        return  # a text or numbers, not a message
    names_a_location = (1, KEY) in found
    for number, value in found:
        if value is None:
            continue
        if names_a_location and number == 2 and value != LOCATION.encode():
            raise ModelError(f"a graph refers to other data: {value!r}")
        _look_into(value, depth=depth + 1)
