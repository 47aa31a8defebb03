"""8-bit samples of one tile <-> what a model of lattices makes of them.

    model id (4 bytes) | with alpha: a varint, and as many bytes | lattices

Colours are coded by the model that comes with the package; alpha is a WebP file, or
nothing if it is opaque. A reader takes the model with the id. Specification:
FORMAT.md, section 4, and models/lattices/SPEC.md.
"""

from __future__ import annotations

import numpy as np

from vaecodec.codec.lossless.estimate import looks_drawn
from vaecodec.codec.lossless.webp import decode_webp, encode_webp
from vaecodec.errors import FormatError
from vaecodec.format.chunks import pack_varint, parse_varint
from vaecodec.models.depth import Samples, greatest
from vaecodec.models.lattices.part_file import ID_BYTES, find_receiver, shipped_part

MOST_PIXELS = 1 << 20  # bounds what a hostile file can cost
OPAQUE = greatest(8)


def may_be_learned(samples: Samples) -> bool:
    """Whether it is worth trying: WebP finds what drawings repeat, a model does not."""
    height, width = samples.shape[:2]
    return height * width <= MOST_PIXELS and not looks_drawn(samples)


def encode_learned(numbers: Samples, largest_error: int) -> bytes:
    """Write numbers of `near`, [h, w] or [h, w, 2..4], at most 2^20 pixels."""
    identity, receiver = shipped_part()
    colours, alpha = _split(numbers)
    beside = b"" if alpha is None else _pack_alpha(alpha)
    return identity + beside + receiver.encode(colours, largest_error=largest_error)


def decode_learned(data: bytes, shape: tuple[int, ...], largest_error: int) -> Samples:
    """Inverse of `encode_learned`: numbers of this shape, [h, w] or [h, w, 2..4].

    Raises:
        FormatError: The data is damaged, of another size, or has too many pixels.
        ModelError: There is no such model, or it is damaged.
    """
    if shape[0] * shape[1] > MOST_PIXELS:
        raise FormatError(
            f"lossless tile of kind 1 with {shape[0] * shape[1]} pixels, at most "
            f"{MOST_PIXELS}"
        )
    if len(data) < ID_BYTES:
        raise FormatError(f"lossless tile of kind 1 with {len(data)} bytes")
    numbers = np.empty(shape, np.uint8)
    colours, alpha = _split(numbers)
    start = ID_BYTES
    if alpha is not None:
        start = _read_alpha(data, start, alpha)
    receiver = find_receiver(data[:ID_BYTES])
    colours[...] = receiver.decode(
        data[start:], colours.shape, largest_error=largest_error
    )
    return numbers


def _split(numbers: Samples) -> tuple[Samples, Samples | None]:
    """Views of colours, [h, w] or [h, w, 3], and of alpha."""
    if numbers.ndim == 2 or numbers.shape[2] == 3:
        return numbers, None
    colours = numbers[:, :, 0] if numbers.shape[2] == 2 else numbers[:, :, :3]
    return colours, numbers[:, :, -1]


def _pack_alpha(alpha: Samples) -> bytes:
    content = b"" if (alpha == OPAQUE).all() else encode_webp(alpha)
    return pack_varint(len(content)) + content


def _read_alpha(data: bytes, position: int, alpha: Samples) -> int:
    """Fill in alpha; return where the colours begin."""
    length, start = parse_varint(data, position, name="lossless tile: length of alpha")
    content = data[start : start + length]
    alpha[...] = decode_webp(content, alpha.shape) if length else OPAQUE
    return start + length
