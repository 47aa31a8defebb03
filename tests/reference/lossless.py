"""A second decoder: a lossless file -> its samples.

Written from vaecodec/format/FORMAT.md, section 4.
"""

from __future__ import annotations

import struct
import zlib

from tests.reference.container import (
    ALPHA,
    LAYOUTS,
    Header,
    read_container,
    read_varint,
)
from tests.reference.lattices import Part, decode
from tests.reference.model import refuse_unless
from tests.reference.webp import read_webp

GREEN, RED, BLUE = 1, 0, 2
PLUS_GREEN = 4


def decode_lossless(data: bytes, part: Part) -> list[bytes]:
    """The samples of each tile: rows, pixels, channels; deep ones low byte first.

    `part` is the model of learned tiles.
    """
    container = read_container(data)
    header = container.header
    refuse_unless(header.is_lossless, "a file that needs a model")
    [payloads] = container.payloads
    tiles = []
    for number, (height, width) in enumerate(header.tiles()):
        payload = payloads[number]
        kind, content = payload[:1], payload[5:]
        may_be_learned = header.depth == 8 and header.roles in LAYOUTS
        allowed = (b"\0", b"\1") if may_be_learned else (b"\0",)
        allowed = allowed if header.depth == 8 else (b"\2",)
        refuse_unless(kind in allowed, "another kind of lossless tile")
        if kind == b"\1":
            numbers = read_learned(content, height, width, header, part)
        else:
            numbers = read_channels(content, height, width, header)
        letter = "B" if header.depth == 8 else "H"
        found = read_numbers(numbers, header)
        samples = struct.pack(f"<{len(found)}{letter}", *found)
        place = container.fields + struct.pack("<I", number)
        check = struct.pack("<I", zlib.crc32(place + samples))
        refuse_unless(payload[1:5] == check, "samples of another tile")
        tiles.append(samples)
    return tiles


def read_channels(data: bytes, height: int, width: int, header: Header) -> list[int]:
    """Numbers of all channels, in groups if they are listed."""
    if header.roles in LAYOUTS:
        return read_picture(data, height, width, header.channels, header.depth)
    groups, start = [], 0
    for first in range(0, header.channels, 3):
        length, begin = read_varint(data, start)
        start = begin + length
        count = min(3, header.channels - first)
        found = read_picture(data[begin:start], height, width, count, header.depth)
        groups += [found[channel::count] for channel in range(count)]
    refuse_unless(start == len(data), "bytes after the last group, or too few")
    return [number for pixel in zip(*groups, strict=True) for number in pixel]


def read_picture(
    data: bytes, height: int, width: int, channels: int, depth: int
) -> list[int]:
    if depth == 8:
        return list(read_webp(data, height, width, channels))
    return read_deep(data, height, width, channels, depth)


def read_numbers(numbers: list[int], header: Header) -> list[int]:
    """Numbers of multiples as samples."""
    most, error = (1 << header.depth) - 1, header.largest_error
    samples = []
    for place, number in enumerate(numbers):
        is_alpha = header.roles[place % header.channels] == ALPHA
        sample = number if is_alpha else number * (2 * error + 1)
        refuse_unless(
            sample <= most + error or is_alpha, "a multiple that is too large"
        )
        samples.append(min(sample, most))
    return samples


def read_learned(
    data: bytes, height: int, width: int, header: Header, part: Part
) -> list[int]:
    """Numbers of colours that a model coded, and alpha beside them."""
    refuse_unless(height * width <= 1 << 20, "too many pixels for a model")
    refuse_unless(data[:4] == part.stream_id()[:4], "another model")
    start, alpha = 4, [255] * (height * width)
    if header.channels in (2, 4):
        length, begin = read_varint(data, start)
        start = begin + length
        if length:
            alpha = list(read_webp(data[begin:start], height, width, 1))
    gray, error = header.channels < 3, header.largest_error
    picture = decode(data[start:], part, height, width, gray=gray, error=error)
    colours = [pixel[:1] if gray else pixel for row in picture for pixel in row]
    if header.channels in (1, 3):
        return [number for pixel in colours for number in pixel]
    return [
        number
        for pixel, opacity in zip(colours, alpha, strict=True)
        for number in (*pixel, opacity)
    ]


def read_deep(
    data: bytes, height: int, width: int, channels: int, depth: int
) -> list[int]:
    """Numbers of more than 8 bits."""
    order = [GREEN, RED, BLUE, 3] if channels > 2 else [0, 1]
    planes: dict[int, list[int]] = {}
    start = 0
    for channel in order[:channels]:
        refuse_unless(start < len(data), "a channel that is missing")
        prediction = data[start]
        length, begin = read_varint(data, start + 1)
        start = begin + length
        rest = _read_rest(data[begin:start], height, width)
        has_green = channels > 2 and channel in (RED, BLUE)
        added = [0] * len(rest)
        if has_green and prediction & PLUS_GREEN:
            prediction -= PLUS_GREEN
            added = planes[GREEN]
        refuse_unless(prediction < 3, "an unknown prediction")
        values = _undo(rest, width, prediction)
        planes[channel] = [
            value + green & 0xFFFF for value, green in zip(values, added, strict=True)
        ]
    refuse_unless(start == len(data), "bytes after the last channel")
    pixels = zip(*(planes[channel] for channel in sorted(planes)), strict=True)
    samples = [sample for pixel in pixels for sample in pixel]
    refuse_unless(max(samples) < 1 << depth, "a number of too many bits")
    return samples


def _read_rest(webp: bytes, height: int, width: int) -> list[int]:
    pixels = read_webp(webp, height, width, 3)
    refuse_unless(not any(pixels[2::3]), "blue that is not 0")
    folded = (
        high << 8 | low for high, low in zip(pixels[::3], pixels[1::3], strict=True)
    )
    return [f // 2 if f % 2 == 0 else 65535 - (f - 1) // 2 for f in folded]


def _undo(rest: list[int], width: int, prediction: int) -> list[int]:
    values: list[int] = []
    for place, number in enumerate(rest):
        y, x = divmod(place, width)
        left = values[place - 1] if x else 0
        above = values[place - width] if y else 0
        corner = values[place - width - 1] if x and y else 0
        guesses = left if x else above, above if y else left, left + above - corner
        values.append(number + guesses[prediction] & 0xFFFF)
    return values
