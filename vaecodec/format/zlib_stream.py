"""Deflated data of chunks, inflated no further than it may go.

In: bytes of a known greatest length; out: one zlib stream, and back. A short stream can
stand for any number of zeros, so the reader stops one byte after the limit.
Specification: FORMAT.md, section 3.
"""

from __future__ import annotations

import zlib

from vaecodec.errors import FormatError


def deflate(value: bytes, *, most: int, name: str) -> bytes:
    """Write one zlib stream.

    Args:
        value: What it is to hold.
        most: How many bytes that may be.
        name: What is being written, for the error message.

    Raises:
        FormatError: The value is longer.
    """
    _check_length(value, most, name)
    return zlib.compress(value, 9)


def inflate(data: bytes, *, most: int, name: str) -> bytes:
    """Inverse of `deflate`.

    Raises:
        FormatError: The data is not one whole zlib stream, or holds more than `most`
            bytes.
    """
    stream = zlib.decompressobj()
    try:
        value = stream.decompress(data, most + 1)
    except zlib.error as error:
        raise FormatError(f"{name} is not deflated: {error}") from error
    _check_length(value, most, name)
    if not stream.eof or stream.unused_data:
        raise FormatError(f"{name} is not one whole zlib stream")
    return value


def _check_length(value: bytes, most: int, name: str) -> None:
    if len(value) > most:
        raise FormatError(f"{name} holds more than the {most} bytes that are allowed")
