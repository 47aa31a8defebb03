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
from collections.abc import Sequence
from functools import partial

import numpy as np

from vaecodec.codec.lossless.deep import decode_deep, encode_deep
from vaecodec.codec.lossless.groups import decode_groups, encode_groups
from vaecodec.codec.lossless.learned import (
    decode_learned,
    encode_learned,
    may_be_learned,
)
from vaecodec.codec.lossless.near import from_multiples, to_multiples
from vaecodec.codec.lossless.webp import decode_webp, encode_webp
from vaecodec.errors import FormatError, ImageError
from vaecodec.format.container import binding
from vaecodec.format.header import ImageHeader
from vaecodec.format.lossless_kinds import DEEP, LEARNED, WEBP
from vaecodec.models.depth import SHALLOW, Samples

_HEAD = 5


def kinds_to_try(
    samples: Samples, header: ImageHeader, *, learned: bool
) -> Sequence[int]:
    """Kinds of which any may be the smallest.

    Args:
        samples: of the tile.
        header: of the file.
        learned: whether to try a model as well, which takes several times as long.
    """
    allowed = _kinds(header)
    if learned and may_be_learned(samples):
        return allowed
    return [kind for kind in allowed if kind != LEARNED]


def encode_tile(
    samples: Samples, header: ImageHeader, number: int, kinds: Sequence[int]
) -> bytes:
    """Write the samples of a tile in as few bytes as it takes.

    Args:
        samples: [h, w] or [h, w, 2..16].
        header: of the file.
        number: of the tile.
        kinds: ways to try.

    Raises:
        ImageError: They do not come back, so nothing is returned.
    """
    largest_error = header.largest_error or 0
    numbers = to_multiples(samples, largest_error, header.alpha_channel)
    ways = {kind: _encode(kind, numbers, header) for kind in kinds}
    kind, content = min(ways.items(), key=lambda way: len(way[1]))
    found = _decode(kind, content, samples.shape, header)
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
        ModelError: It needs a model that is missing or damaged.
    """
    kind, check = data[:1], data[1:_HEAD]
    allowed = _kinds(header)
    if not kind or kind[0] not in allowed:
        raise FormatError(
            f"lossless tile of kind {kind.hex() or 'none'}, with {header.depth} bits "
            f"it must be {' or '.join(map(str, allowed))}"
        )
    samples = _decode(kind[0], data[_HEAD:], shape, header)
    if check != _check(samples, header, number):
        raise FormatError("lossless tile: the samples do not fit their checksum")
    return samples


def _kinds(header: ImageHeader) -> tuple[int, ...]:
    """Those that tiles of a file may be of."""
    if header.depth > SHALLOW:
        return (DEEP,)
    return (WEBP,) if header.listed else (WEBP, LEARNED)


def _encode(kind: int, numbers: Samples, header: ImageHeader) -> bytes:
    if kind == LEARNED:
        return encode_learned(numbers, header.largest_error or 0)
    encode = encode_webp if kind == WEBP else encode_deep
    return encode_groups(numbers, encode) if header.listed else encode(numbers)


def _decode(
    kind: int, content: bytes, shape: tuple[int, ...], header: ImageHeader
) -> Samples:
    error, alpha = header.largest_error or 0, header.alpha_channel
    if kind == LEARNED:
        numbers = decode_learned(content, shape, error)
    else:
        deep = partial(decode_deep, depth=header.depth)
        decode = decode_webp if kind == WEBP else deep
        listed = header.listed
        numbers = (
            decode_groups(content, shape, decode) if listed else decode(content, shape)
        )
    return from_multiples(numbers, error, alpha, depth=header.depth)


def _check(samples: Samples, header: ImageHeader, number: int) -> bytes:
    # Low bytes first, whatever this machine does.
    ordered = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    place = binding(header, None, number, b"")
    return zlib.crc32(ordered.data, zlib.crc32(place)).to_bytes(4, "little")
