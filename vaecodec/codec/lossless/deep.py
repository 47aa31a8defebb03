"""Samples of more than 8 bits of one tile <-> WebP files without loss, one a channel.

In: uint16 samples; out: for each channel how it was predicted, and what remains, as a
picture that WebP codes: the high byte of a number is red, the low byte green. And back.
Predictions are sums of neighbours, so that numpy can undo them for a whole tile.
Photographs take 2 % more than in JPEG XL, and less than in JPEG 2000 or JPEG-LS (mean
of six), each of which would need a library of its own.

    channel ──► minus green ──► minus prediction ──► sign into the lowest bit ──► WebP

All numbers are integers modulo 2^16. Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.lossless.webp import decode_webp, encode_webp
from vaecodec.errors import FormatError
from vaecodec.format.chunks import pack_varint, parse_varint
from vaecodec.models.depth import Samples, greatest

Plane = NDArray[np.uint16]

LEFT, ABOVE, BOTH = range(3)
FROM_GREEN = 4  # added to the prediction of red and blue
GREEN = 1  # which channel


def encode_deep(samples: Samples) -> bytes:
    """Write uint16 samples, [h, w] or [h, w, 2..4]."""
    planes = np.atleast_3d(samples).astype(np.uint16)
    return b"".join(_encode_plane(planes, channel) for channel in _order(planes.shape))


def decode_deep(data: bytes, shape: tuple[int, ...], *, depth: int) -> Samples:
    """Inverse of `encode_deep`: uint16 of this shape, [h, w] or [h, w, 2..4].

    Raises:
        FormatError: The data is damaged, or a sample has more than `depth` bits.
    """
    planes = np.empty((*shape, 1)[:3], np.uint16)
    position = 0
    for channel in _order(planes.shape):
        position = _decode_plane(data, position, planes, channel)
    if position != len(data):
        raise FormatError("lossless tile: bytes after the last channel")
    if (largest := int(planes.max())) > greatest(depth):
        raise FormatError(f"lossless tile: a sample of {largest} in {depth} bits")
    return planes.reshape(shape)


def _order(shape: tuple[int, ...]) -> list[int]:
    """The channels, green before red and blue."""
    return (
        sorted(range(shape[2]), key=GREEN.__ne__)
        if shape[2] > 2
        else [*range(shape[2])]
    )


def _encode_plane(planes: Plane, channel: int) -> bytes:
    method, rest = min(_attempts(planes, channel), key=lambda pair: _cost(pair[1]))
    # The sign goes into the lowest bit, so that small numbers have a high byte of 0.
    folded = rest << 1 ^ (rest.view(np.int16) >> 15).view(np.uint16)
    empty = np.zeros_like(folded)
    picture = np.dstack([folded >> 8, folded & 255, empty]).astype(np.uint8)
    content = encode_webp(picture)
    return bytes([method]) + pack_varint(len(content)) + content


def _decode_plane(data: bytes, position: int, planes: Plane, channel: int) -> int:
    """Fill in a channel; return where the next one begins."""
    method = data[position] if position < len(data) else -1
    if method & ~FROM_GREEN not in _UNDO or (
        method & FROM_GREEN and not _has_green(planes, channel)
    ):
        raise FormatError(f"lossless tile: a channel with the prediction {method}")
    length, start = parse_varint(data, position + 1, name="lossless tile: length")
    picture = decode_webp(data[start : start + length], (*planes.shape[:2], 3))
    if picture[:, :, 2].any():
        raise FormatError("lossless tile: a channel of three bytes")
    high, low = (picture[:, :, place].astype(np.uint16) for place in (0, 1))
    folded = high << 8 | low
    rest = folded >> 1 ^ np.negative(folded & 1, dtype=np.uint16)
    values = _UNDO[method & ~FROM_GREEN](rest)
    green = planes[:, :, GREEN] if method & FROM_GREEN else 0
    planes[:, :, channel] = values + green
    return start + length


def _attempts(planes: Plane, channel: int) -> Iterator[tuple[int, Plane]]:
    """Ways to predict a channel, and what remains."""
    values = planes[:, :, channel]
    sources = [(0, values)]
    if _has_green(planes, channel):
        sources.append((FROM_GREEN, values - planes[:, :, GREEN]))
    for added, source in sources:
        for method, predict in _PREDICT.items():
            yield added + method, predict(source)


def _has_green(planes: Plane, channel: int) -> bool:
    return planes.shape[2] > 2 and channel in (0, 2)


def _cost(rest: Plane) -> float:
    """About how many bits it takes to say how large numbers are."""
    return float(np.log2(1 + np.abs(rest.view(np.int16).astype(np.float32))).sum())


def _minus_left(values: Plane) -> Plane:
    """The first column is predicted from above."""
    rest = np.diff(values, axis=1, prepend=np.uint16(0))
    rest[:, 0] = np.diff(values[:, 0], prepend=np.uint16(0))
    return rest


def _plus_left(rest: Plane) -> Plane:
    rest[:, 0] = np.cumsum(rest[:, 0], dtype=np.uint16)
    return np.cumsum(rest, axis=1, dtype=np.uint16)


def _minus_above(values: Plane) -> Plane:
    """The first row is predicted from the left."""
    return _minus_left(values.T).T


def _plus_above(rest: Plane) -> Plane:
    return _plus_left(rest.T).T


def _minus_both(values: Plane) -> Plane:
    """Left and above, minus what is above the left; 0 beyond the edges."""
    rest = np.diff(values, axis=1, prepend=np.uint16(0))
    return np.diff(rest, axis=0, prepend=np.uint16(0))


def _plus_both(rest: Plane) -> Plane:
    return np.cumsum(np.cumsum(rest, axis=0, dtype=np.uint16), axis=1, dtype=np.uint16)


_PREDICT: dict[int, Callable[[Plane], Plane]] = {
    LEFT: _minus_left,
    ABOVE: _minus_above,
    BOTH: _minus_both,
}
_UNDO: dict[int, Callable[[Plane], Plane]] = {
    LEFT: _plus_left,
    ABOVE: _plus_above,
    BOTH: _plus_both,
}
