"""The quality map: how good each part of an image is to be.

In: one quality for each cell of 64 x 64 pixels; out: the data of its chunk, and back.
The shape of the map follows from the header, so its inflated length is known before it
is inflated. Specification: FORMAT.md, section 3.
"""

from __future__ import annotations

from vaecodec.errors import FormatError
from vaecodec.format.header import MAX_QUALITY, ImageHeader
from vaecodec.format.zlib_stream import deflate, inflate

CELL = 64
LETTER = "Q"

_NAME = f"chunk '{LETTER}' (quality map)"


def map_shape(header: ImageHeader) -> tuple[int, int]:
    """Rows and columns of cells; those at the right and lower edge may be smaller."""
    return -(-header.height // CELL), -(-header.width // CELL)


def pack_quality_map(values: bytes, header: ImageHeader) -> bytes:
    """Write the data of the chunk.

    Args:
        values: One quality 0..100 for each cell, row after row.
        header: That of the file.

    Raises:
        FormatError: The file is lossless.
        ValueError: A value is missing, left over or above 100.
    """
    _check_has_quality(header)
    rows, columns = map_shape(header)
    if len(values) != rows * columns or max(values) > MAX_QUALITY:
        raise ValueError(
            f"quality map of {len(values)} values up to {max(values, default=0)}, "
            f"expected {rows} x {columns} values in 0..{MAX_QUALITY}"
        )
    return deflate(values, most=rows * columns, name=_NAME)


def parse_quality_map(data: bytes, header: ImageHeader) -> bytes:
    """Inverse of `pack_quality_map`.

    Raises:
        FormatError: The data is not one whole zlib stream, or holds another number of
            values, or one above 100, or the file is lossless.
    """
    _check_has_quality(header)
    rows, columns = map_shape(header)
    values = inflate(data, most=rows * columns, name=_NAME)
    if len(values) != rows * columns:
        raise FormatError(
            f"{_NAME} holds {len(values)} bytes, not {rows} x {columns}, one per cell"
        )
    if max(values) > MAX_QUALITY:
        raise FormatError(
            f"{_NAME} holds quality {max(values)}, which is not in 0..{MAX_QUALITY}"
        )
    return values


def _check_has_quality(header: ImageHeader) -> None:
    if header.is_lossless:
        raise FormatError(f"{_NAME} in a lossless file")
