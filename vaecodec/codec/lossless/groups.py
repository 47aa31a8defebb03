"""Samples of up to 16 channels <-> pictures of up to three, one after the other.

In: what codes a picture without loss; out: what it makes of each group of channels,
with its length before it, and back. Neighbouring channels of one measurement are alike,
which a picture of three makes use of; those with nothing in common lose 5 %.
Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vaecodec.errors import FormatError
from vaecodec.format.chunks import pack_varint, parse_varint
from vaecodec.models.depth import Samples

GROUP = 3  # channels


def encode_groups(samples: Samples, encode: Callable[[Samples], bytes]) -> bytes:
    """Write samples, [h, w] or [h, w, C].

    Args:
        samples: of any channels.
        encode: takes [h, w], [h, w, 2] or [h, w, 3].
    """
    planes = np.atleast_3d(samples)
    pictures = (
        planes[:, :, start : start + count].reshape(*planes.shape[:2], *_axis(count))
        for start, count in _groups(planes.shape)
    )
    contents = [encode(picture) for picture in pictures]
    return b"".join(pack_varint(len(content)) + content for content in contents)


def decode_groups(
    data: bytes,
    shape: tuple[int, ...],
    decode: Callable[[bytes, tuple[int, ...]], Samples],
) -> Samples:
    """Inverse of `encode_groups`: samples of this shape.

    Raises:
        FormatError: The data is damaged.
    """
    position, pictures = 0, []
    for _, count in _groups((*shape, 1)):
        length, start = parse_varint(data, position, name="lossless tile: length")
        position = start + length
        picture = decode(data[start:position], (*shape[:2], *_axis(count)))
        pictures.append(picture)
    if position != len(data):
        raise FormatError("lossless tile: more or fewer bytes than its channels take")
    return np.dstack(pictures).reshape(shape)


def _groups(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """First channel and number of channels of each group, for planes [h, w, C]."""
    channels = shape[2]
    return [(n, min(GROUP, channels - n)) for n in range(0, channels, GROUP)]


def _axis(count: int) -> tuple[int, ...]:
    """The last axis of a picture of so many channels; none of one."""
    return (count,) if count > 1 else ()
