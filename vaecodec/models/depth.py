"""Depth: how many bits a sample has, and how samples become numbers of networks.

*Levels* are what networks see and draw, whatever the depth: floats, 0 for the darkest
and 255 for the brightest sample. With n bits per sample these are 0 and 2^n - 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SHALLOW = 8  # bits, up to which samples are uint8
BRIGHTEST = 255  # level

Samples = NDArray[np.unsignedinteger[Any]]  # uint8 of 8 bits, uint16 of more
Levels = NDArray[np.floating[Any]]


def greatest(depth: int) -> int:
    """The greatest sample of so many bits."""
    return (1 << depth) - 1


def dtype_of(depth: int) -> type[np.uint8] | type[np.uint16]:
    """The dtype of samples of so many bits."""
    return np.uint8 if depth <= SHALLOW else np.uint16


def levels_of(samples: Samples, depth: int) -> NDArray[np.float32]:
    """Samples as levels."""
    return samples * np.float32(BRIGHTEST / greatest(depth))


def samples_of(levels: Levels, depth: int) -> Samples:
    """The samples nearest to levels, which may lie outside of their range."""
    most = greatest(depth)
    nearest = np.floor(levels * levels.dtype.type(most / BRIGHTEST) + 0.5)
    samples: Samples = nearest.clip(0, most).astype(dtype_of(depth))
    return samples


def exact_samples_of(levels: Levels, depth: int, *, unit: float = 1.0) -> Samples:
    """The samples nearest to levels, halves to the even one: the same everywhere.

    Args:
        levels: [H, ...], in multiples of `unit`, and whole multiples of a power of two
            themselves. They may lie outside of the range.
        depth: bits of a sample.
        unit: a power of two.
    """
    most = greatest(depth)
    samples = np.empty(levels.shape, dtype_of(depth))
    # The division alone rounds, and by far less than quotients that are not halves
    # are away from one. Row by row: float64 takes four times the memory of samples.
    for row, into in zip(levels, samples, strict=True):
        nearest = np.rint(row.astype(np.float64) * (most * unit) / BRIGHTEST)
        into[...] = nearest.clip(0, most)
    return samples


def of_depth(samples: Samples, depth: int, wanted: int) -> Samples:
    """Samples of so many bits as the nearest ones of another number of bits."""
    if depth == wanted:
        return samples
    found = scaled(samples, greatest(depth), greatest(wanted))
    return found.astype(dtype_of(wanted), copy=False)


def scaled(samples: Samples, most: int, wanted: int) -> NDArray[np.uint16]:
    """Samples [H, ...] of 0..most as the nearest of 0..wanted; both are below 2^16.

    In integers, so that more and back are what they were.
    """
    # Row by row: the numbers between take four times the memory of samples.
    found = np.empty(samples.shape, np.uint16)
    for row, into in zip(samples, found, strict=True):
        into[...] = (row.astype(np.uint64) * (2 * wanted) + most) // (2 * most)
    return found
