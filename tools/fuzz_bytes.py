"""Damage to bytes that knows nothing of what they mean.

In: bytes and a random generator. Out: other bytes, of about the same length or fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

EXTREMES = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)
MOST_ADDED = 64  # bytes

Damage = Callable[[bytes, Random], bytes]


def damaged(data: bytes, rng: Random) -> bytes:
    """Bytes to which one of the damages below was done."""
    damage = rng.choice(DAMAGES)
    return damage(data, rng)


def flip_bits(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8)) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    start = rng.randrange(len(data) + 1)
    for position in range(start, min(len(data), start + rng.choice((1, 2, 4, 8)))):
        changed[position] = rng.choice(EXTREMES)
    return bytes(changed)


def truncate(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def append(data: bytes, rng: Random) -> bytes:
    count = rng.randrange(1, MOST_ADDED)
    return data + rng.choice((bytes(count), rng.randbytes(count), data))


def remove(data: bytes, rng: Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def repeat(data: bytes, rng: Random) -> bytes:
    start, end = _range(data, rng)
    return data[:end] + data[start:]


def insert(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.randbytes(rng.randrange(1, 9)) + data[place:]


def replace(data: bytes, rng: Random) -> bytes:
    """Nothing stays but the length."""
    return rng.randbytes(len(data))


DAMAGES: tuple[Damage, ...] = (
    *(flip_bits, set_bytes, truncate, append),
    *(remove, repeat, insert, replace),
)


def splice(one: bytes, other: bytes, rng: Random) -> bytes:
    """The beginning of one and the end of the other."""
    return one[: rng.randrange(len(one) + 1)] + other[rng.randrange(len(other) + 1) :]


def _range(data: bytes, rng: Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 2, 4, 16, 64)))
