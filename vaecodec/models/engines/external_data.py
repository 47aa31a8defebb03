"""Refuse ONNX graphs that would read files: a model is data and may come from anywhere.

An ONNX tensor may name a file that holds its values. ONNX Runtime 1.20 to 1.22 open any
such path, or take it for an address in memory and crash; 1.31 still opens what lies
below the current folder. Graphs of model files name only `LOCATION`, which stands for
the weights that the engine hands over. This module walks the bytes of a graph without
knowing its schema: whatever can be read as a protobuf message is looked into, so
nothing of the real structure is missed.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaecodec.errors import ModelError
from vaecodec.models.names import LOCATION

MAX_GRAPH_BYTES = 1 << 20
MAX_DEPTH = 32
KEY = b"location"  # of the entry that names a file

_VARINT, _FIXED64, _BYTES, _GROUP_START, _GROUP_END, _FIXED32 = range(6)
_SKIPPED = {_FIXED64: 8, _GROUP_START: 0, _GROUP_END: 0, _FIXED32: 4}


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
        fields = list(_fields(message))
    except IndexError:
        return  # a text or numbers, not a message
    names_a_location = (1, KEY) in fields
    for number, value in fields:
        if names_a_location and number == 2 and value != LOCATION.encode():
            raise ModelError(f"a graph refers to other data: {value!r}")
        _look_into(value, depth=depth + 1)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers and values of all fields that are bytes, in groups as well.

    Raises:
        IndexError: This is not a message.
    """
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = (tag & 0xFFFFFFFF) >> 3, tag & 7
        if kind == _VARINT:
            _, position = _varint(message, position)
        elif kind == _BYTES:
            length, position = _varint(message, position)
            yield number, message[position : position + length]
            position += length
        elif kind in _SKIPPED:
            position += _SKIPPED[kind]
        else:
            raise IndexError
    if position > len(message):
        raise IndexError


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
