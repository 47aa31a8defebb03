"""Protobuf messages, written and read without a schema, with the standard library.

In: numbers and bytes; out: a field, as ONNX models consist of; and back. A message is
nothing but its fields, one after the other, so fields may be added at its end.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

# Large messages are put together once: each copy of all weights takes a millisecond.
Pieces = list[Any]  # of a message: bytes, or views of them

_VARINT, _FIXED64, _BYTES, _GROUP_START, _GROUP_END, _FIXED32 = range(6)
_SKIPPED = {_FIXED64: 8, _GROUP_START: 0, _GROUP_END: 0, _FIXED32: 4}


class Field(NamedTuple):
    """A field of a message.

    Attributes:
        number: which one.
        value: its bytes; None if it is no field of bytes.
        raw: all of it, as it stands in the message.
    """

    number: int
    value: bytes | None
    raw: bytes


def fields(message: bytes) -> Iterator[Field]:
    """All fields of a message; those in groups as well, which are not fields of bytes.

    Raises:
        IndexError: This is not a message.
    """
    position = 0
    while position < len(message):
        start, value = position, None
        tag, position = _read_varint(message, position)
        number, kind = (tag & 0xFFFFFFFF) >> 3, tag & 7
        if kind == _VARINT:
            _, position = _read_varint(message, position)
        elif kind == _BYTES:
            length, position = _read_varint(message, position)
            value = message[position : position + length]
            position += length
        elif kind in _SKIPPED:
            position += _SKIPPED[kind]
        else:
            raise IndexError
        yield Field(number, value, message[start:position])
    if position > len(message):
        raise IndexError


def changed(message: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    """The message with other bytes in each field of this number.

    Raises:
        IndexError: This is not a message.
    """
    pieces: Pieces = []
    for each in fields(message):
        if each.number == number and each.value is not None:
            pieces += field(number, [change(each.value)])
        else:
            pieces.append(each.raw)
    return b"".join(pieces)


def repeated(number: int, values: Iterable[int | str | Pieces]) -> Pieces:
    """Several fields of one number."""
    return [piece for value in values for piece in field(number, value)]


def field(number: int, value: int | str | Pieces) -> Pieces:
    """A field: a number that is not negative, or a length and bytes."""
    if isinstance(value, list):
        return [_varint(number << 3 | _BYTES) + _varint(sum(map(len, value))), *value]
    return [_small_field(number, value)]


# Graphs repeat names of operators, of attributes and of tensors.
@functools.lru_cache(maxsize=4096)
def _small_field(number: int, value: int | str) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    text = value.encode()
    return _varint(number << 3 | _BYTES) + _varint(len(text)) + text


@functools.lru_cache(maxsize=1024)
def _varint(value: int) -> bytes:
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
