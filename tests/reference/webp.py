"""A second decoder: the WebP file in a lossless tile -> its samples.

Written from vaecodec/format/FORMAT.md, section 4, and RFC 9649 with the standard
library. What the RFC calls ARGB is here a tuple (green, red, blue, alpha), in the order
in which the file holds them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.reference.model import refuse_unless
from tests.reference.prefix_codes import read_prefix_code
from tests.reference.webp_bits import Bits
from tests.reference.webp_transforms import Pixels, Transform, subsampled

PREDICTOR, COLOUR, SUBTRACT_GREEN, PALETTE = range(4)
LITERALS, LENGTHS, DISTANCES = 256, 24, 40
# Distances 1 to 120 name neighbours, y rows above and x to the left, each as a byte of
# 16 y + 8 - x.
NEARBY = [
    (8 - byte % 16, byte >> 4)
    for byte in bytes.fromhex(
        "18 07 17 19 28 06 27 29 16 1a 26 2a 38 05 37 39 15 1b 36 3a 25 2b 48 04 47 49 "
        "14 1c 35 3b 46 4a 24 2c 58 45 4b 34 3c 03 57 59 13 1d 56 5a 23 2d 44 4c 55 5b "
        "33 3d 68 02 67 69 12 1e 66 6a 22 2e 54 5c 43 4d 65 6b 32 3e 78 01 77 79 53 5d "
        "11 1f 64 6c 42 4e 76 7a 21 2f 75 7b 31 3f 63 6d 52 5e 00 74 7c 41 4f 10 20 62 "
        "6e 30 73 7d 51 5f 40 72 7e 61 6f 50 71 7f 60 70 "
    )
]


def read_webp(data: bytes, height: int, width: int, channels: int) -> bytes:
    """The samples of a tile: rows, pixels, channels."""
    refuse_unless(len(data) >= 25, "a WebP file without an end")
    riff, size, webp, kind, length = struct.unpack_from("<4sI4s4sI", data)
    refuse_unless((riff, webp, kind) == (b"RIFF", b"WEBP", b"VP8L"), "no simple WebP")
    whole = size == len(data) - 8 and length + length % 2 == size - 12
    refuse_unless(whole, "a WebP file of other than one chunk")
    bits = Bits(data[20 : 20 + length])
    refuse_unless(bits.read(8) == 0x2F, "signature of the WebP file")
    refuse_unless((bits.read(14) + 1, bits.read(14) + 1) == (width, height), "its size")
    states_alpha = bits.read(1) == 1
    refuse_unless(not states_alpha or channels in (2, 4), "alpha that should not be")
    refuse_unless(bits.read(3) == 0, "version of the WebP file")
    pixels = _read_image(bits, height, width)
    return b"".join(_samples(pixels, channels, states_alpha))


def _samples(pixels: Pixels, channels: int, states_alpha: bool) -> Iterator[bytes]:
    for green, red, blue, alpha in pixels:
        if channels < 3:
            refuse_unless(red == green == blue, "a gray tile with colours")
        colours = [green] if channels < 3 else [red, green, blue]
        alphas = [alpha if states_alpha else 255] if channels % 2 == 0 else []
        yield bytes(colours + alphas)


def _read_image(bits: Bits, height: int, width: int) -> Pixels:
    """The whole image: transforms, then what they leave, then back again."""
    transforms: list[Transform] = []
    coded_width = width
    while bits.read(1):
        transform = _read_transform(bits, height, coded_width)
        names = [other.kind for other in transforms]
        refuse_unless(transform.kind not in names, "a transform that is there twice")
        transforms.append(transform)
        coded_width = transform.coded_width
    pixels = _read_pixels(bits, height, coded_width, is_main=True)
    for transform in reversed(transforms):
        pixels = transform.undo(pixels)
    return pixels


def _read_transform(bits: Bits, height: int, width: int) -> Transform:
    kind = bits.read(2)
    if kind in (PREDICTOR, COLOUR):
        block = bits.read(3) + 2
        sizes = subsampled(height, block), subsampled(width, block)
        return Transform(kind, width, block, _read_pixels(bits, *sizes))
    if kind == PALETTE:
        size = bits.read(8) + 1
        return Transform(kind, width, 0, _read_pixels(bits, 1, size))
    return Transform(kind, width, 0, [])


class Codes:
    """The five prefix codes of a group, as they follow each other in the file."""

    def __init__(self, bits: Bits, cache_bits: int) -> None:
        cache = 1 << cache_bits if cache_bits else 0
        sizes = LITERALS + LENGTHS + cache, *3 * [LITERALS], DISTANCES
        self.green, self.red, self.blue, self.alpha, self.distance = (
            read_prefix_code(bits, size) for size in sizes
        )


def _read_pixels(
    bits: Bits, height: int, width: int, *, is_main: bool = False
) -> Pixels:
    """An image coded by prefix codes and references to pixels before."""
    cache_bits = bits.read(4) if bits.read(1) else 0
    refuse_unless(cache_bits <= 11, "size of the colour cache")
    block, groups = 0, [0]
    if is_main and bits.read(1):
        block = bits.read(3) + 2
        sizes = subsampled(height, block), subsampled(width, block)
        entropy_image = _read_pixels(bits, *sizes)
        groups = [red << 8 | green for green, red, *_ in entropy_image]
    codes = [Codes(bits, cache_bits) for _ in range(max(groups) + 1)]
    columns = subsampled(width, block) if block else 0
    pixels: Pixels = []
    cache = [(0, 0, 0, 0)] * (1 << cache_bits)
    while len(pixels) < height * width:
        y, x = divmod(len(pixels), width)
        group = groups[(y >> block) * columns + (x >> block) if block else 0]
        read = _next_pixels(bits, codes[group], pixels, cache, width)
        pixels += read
        if cache_bits:
            for pixel in read:
                cache[_cache_place(pixel, cache_bits)] = pixel
    refuse_unless(len(pixels) == height * width, "a reference beyond the image")
    return pixels


def _next_pixels(
    bits: Bits, codes: Codes, pixels: Pixels, cache: Pixels, width: int
) -> Pixels:
    """One pixel, one from the cache, or copies of some before."""
    symbol = codes.green.read(bits)
    if symbol < LITERALS:
        others = (code.read(bits) for code in (codes.red, codes.blue, codes.alpha))
        red, blue, alpha = others
        return [(symbol, red, blue, alpha)]
    if symbol >= LITERALS + LENGTHS:
        return [cache[symbol - LITERALS - LENGTHS]]
    length = _read_number(bits, symbol - LITERALS)
    distance = _read_number(bits, codes.distance.read(bits))
    if distance > len(NEARBY):
        distance -= len(NEARBY)
    else:
        x, y = NEARBY[distance - 1]
        distance = max(1, x + y * width)
    refuse_unless(distance <= len(pixels), "a reference before the image")
    start = len(pixels) - distance
    return [pixels[start + place % distance] for place in range(length)]


def _read_number(bits: Bits, symbol: int) -> int:
    """A length or a distance: a symbol says its size, raw bits the rest."""
    if symbol < 4:
        return symbol + 1
    count = (symbol - 2) >> 1
    return ((2 + (symbol & 1)) << count) + bits.read(count) + 1


def _cache_place(pixel: tuple[int, int, int, int], cache_bits: int) -> int:
    green, red, blue, alpha = pixel
    argb = alpha << 24 | red << 16 | green << 8 | blue
    return (0x1E35A7BD * argb & 0xFFFFFFFF) >> (32 - cache_bits)
