"""Samples of one lossless tile <-> the data of its chunk.

    kind (1 byte) | check (4 bytes) | the samples, in the way that the kind says

Of channels in a list, groups of three stand one after the other, each as an image of
gray, of gray and alpha, or of RGB would, whatever these channels are.

The check covers the header of the file, the number of the tile and its samples. So a
tile is valid in its own file and place only, and a wrong image is never the result.
Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

import zlib
from functools import partial

import numpy as np

from vaecodec.codec.lossless.deep import decode_deep, encode_deep
from vaecodec.codec.lossless.groups import decode_groups, encode_groups
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
    """Write the samples of a tile, [h, w] or [h, w, 2..16].

    Raises:
        ImageError: They do not come back, so nothing is returned.
    """
    kind = _kind_for(header.depth)
    largest_error = header.largest_error or 0
    numbers = to_multiples(samples, largest_error, header.alpha_channel)
    content = _encode(numbers, header)
    found = _decode(content, samples.shape, header)
    errors = np.maximum(samples, found) - np.minimum(samples, found)
    if errors.max() > largest_error:
        raise ImageError("lossless coding does not give the samples back")
    return bytes([kind]) + _check(found, header, number) + content


def decode_tile(
    data: bytes, shape: tuple[int, ...], header: ImageHeader, number: int
) -> Samples:
    """Inverse of `encode_tile`: samples of this shape, [h, w] or [h, w, 2..16].

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


def _encode(numbers: Samples, header: ImageHeader) -> bytes:
    encode = encode_webp if _kind_for(header.depth) == WEBP else encode_deep
    return encode_groups(numbers, encode) if header.listed else encode(numbers)


def _decode(content: bytes, shape: tuple[int, ...], header: ImageHeader) -> Samples:
    deep = partial(decode_deep, depth=header.depth)
    decode = decode_webp if _kind_for(header.depth) == WEBP else deep
    if header.listed:
        numbers = decode_groups(content, shape, decode)
    else:
        numbers = decode(content, shape)
    error, alpha = header.largest_error or 0, header.alpha_channel
    return from_multiples(numbers, error, alpha, depth=header.depth)


def _check(samples: Samples, header: ImageHeader, number: int) -> bytes:
    # Low bytes first, whatever this machine does.
    ordered = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    place = binding(header, None, number, b"")
    return zlib.crc32(ordered.data, zlib.crc32(place)).to_bytes(4, "little")
