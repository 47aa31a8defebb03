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
from vaecodec.codec.lossless.webp import decode_webp, encode_webp
from vaecodec.errors import FormatError, ImageError
from vaecodec.models.depth import SHALLOW, Samples

WEBP = 0
LEARNED = 1  # specified with a model, not read yet
DEEP = 2

_HEAD = 5


def encode_tile(samples: Samples, *, depth: int, bound_to: bytes) -> bytes:
    """Write samples of so many bits, [h, w] or [h, w, 2..4].

    `bound_to` is that of `binding`.

    Raises:
        ImageError: They do not come back, so nothing is returned.
    """
    kind = _kind_for(depth)
    content = encode_webp(samples) if kind == WEBP else encode_deep(samples)
    if not np.array_equal(_decode(content, samples.shape, depth), samples):
        raise ImageError("lossless coding does not give the samples back")
    return bytes([kind]) + _check(samples, bound_to) + content


def decode_tile(
    data: bytes, shape: tuple[int, ...], *, depth: int, bound_to: bytes
) -> Samples:
    """Inverse of `encode_tile`: samples of this shape, [h, w] or [h, w, 2..4].

    Raises:
        FormatError: The data is damaged, of another kind, or that of another tile.
    """
    kind, check = data[:1], data[1:_HEAD]
    if kind == bytes([LEARNED]):
        raise FormatError("lossless tile of kind 1 (learned) is not read yet")
    if kind != bytes([_kind_for(depth)]):
        found, expected = kind.hex() or "none", _kind_for(depth)
        raise FormatError(
            f"lossless tile of kind {found}, with {depth} bits it must be {expected}"
        )
    samples = _decode(data[_HEAD:], shape, depth)
    if check != _check(samples, bound_to):
        raise FormatError("lossless tile: the samples do not fit their checksum")
    return samples


def _kind_for(depth: int) -> int:
    return WEBP if depth == SHALLOW else DEEP


def _decode(content: bytes, shape: tuple[int, ...], depth: int) -> Samples:
    if _kind_for(depth) == WEBP:
        return decode_webp(content, shape)
    return decode_deep(content, shape, depth=depth)


def _check(samples: Samples, bound_to: bytes) -> bytes:
    # Low bytes first, whatever this machine does.
    ordered = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    return zlib.crc32(ordered.data, zlib.crc32(bound_to)).to_bytes(4, "little")
