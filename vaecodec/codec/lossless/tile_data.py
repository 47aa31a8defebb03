"""Samples of one lossless tile <-> the data of its chunk.

    kind (1 byte) | check (4 bytes) | the samples, in the way that the kind says

The check covers the header of the file, the number of the tile and its samples. So a
tile is valid in its own file and place only, and a wrong image is never the result.
Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

import zlib

import numpy as np

from vaecodec.codec.lossless.deep import decode_deep, encode_deep
from vaecodec.codec.lossless.near import from_multiples, to_multiples
from vaecodec.codec.lossless.webp import decode_webp, encode_webp
from vaecodec.errors import FormatError, ImageError
from vaecodec.format.container import binding
from vaecodec.format.header import ImageHeader
from vaecodec.models.depth import SHALLOW, Samples

WEBP = 0
LEARNED = 1  # specified with a model, not read yet
DEEP = 2

_HEAD = 5


def encode_tile(samples: Samples, header: ImageHeader, number: int) -> bytes:
    """Write the samples of a tile, [h, w] or [h, w, 2..4].

    Raises:
        ImageError: They do not come back, so nothing is returned.
    """
    kind = _kind_for(header.depth)
    largest_error = header.largest_error or 0
    numbers = to_multiples(samples, largest_error)
    content = encode_webp(numbers) if kind == WEBP else encode_deep(numbers)
    found = _decode(content, samples.shape, header)
    errors = np.maximum(samples, found) - np.minimum(samples, found)
    if errors.max() > largest_error:
        raise ImageError("lossless coding does not give the samples back")
    return bytes([kind]) + _check(found, header, number) + content


def decode_tile(
    data: bytes, shape: tuple[int, ...], header: ImageHeader, number: int
) -> Samples:
    """Inverse of `encode_tile`: samples of this shape, [h, w] or [h, w, 2..4].

    Raises:
        FormatError: The data is damaged, of another kind, or that of another tile.
    """
    kind, check = data[:1], data[1:_HEAD]
    expected = _kind_for(header.depth)
    if kind == bytes([LEARNED]):
        raise FormatError("lossless tile of kind 1 (learned) is not read yet")
    if kind != bytes([expected]):
        raise FormatError(
            f"lossless tile of kind {kind.hex() or 'none'}, with {header.depth} bits "
            f"it must be {expected}"
        )
    samples = _decode(data[_HEAD:], shape, header)
    if check != _check(samples, header, number):
        raise FormatError("lossless tile: the samples do not fit their checksum")
    return samples


def _kind_for(depth: int) -> int:
    return WEBP if depth == SHALLOW else DEEP


def _decode(content: bytes, shape: tuple[int, ...], header: ImageHeader) -> Samples:
    depth = header.depth
    if _kind_for(depth) == WEBP:
        numbers = decode_webp(content, shape)
    else:
        numbers = decode_deep(content, shape, depth=depth)
    return from_multiples(numbers, header.largest_error or 0, depth=depth)


def _check(samples: Samples, header: ImageHeader, number: int) -> bytes:
    # Low bytes first, whatever this machine does.
    ordered = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    place = binding(header, None, number, b"")
    return zlib.crc32(ordered.data, zlib.crc32(place)).to_bytes(4, "little")
