"""What a step says of each pixel that it predicts: eleven numbers.

They are whole multiples of 2**-8:

    means   of green, red, blue, from the mean of the nearest four pixels, in levels
    scales  of the logistic laws of the three, as logarithms to base 2, of levels
    slopes  how errors go on: from green to red, green to blue, red to blue
    growths how much the scales of red and of blue grow with the errors before
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NUMBERS = 11
MEANS, SCALES, SLOPES, GROWTHS = slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 11)
RED, GREEN, BLUE = 0, 1, 2  # channels of pixels
ORDER = (GREEN, RED, BLUE)  # in which a step codes them
BITS = 8
FINE_BITS = 12  # of the same numbers as programs put them out
LARGEST_MEAN = (1 << 16) - 1  # 255 levels and what is left of the last
_LIMITS = np.repeat([1 << 16, 1 << 12, 1 << 10, 1 << 10], [3, 3, 3, 2])

Numbers = NDArray[np.int32]


def head_numbers(head: NDArray[np.float32]) -> Numbers:
    """Limit what a program puts out, whole multiples of 2**-12 [11, n]."""
    spare = FINE_BITS - BITS
    limits = (_LIMITS[:, None] << spare).astype(np.float32)
    found: Numbers = np.clip(head, -limits, limits).astype(np.int32) >> spare
    return found


def law_of(
    head: Numbers, place: int, base: Numbers, errors: Sequence[Numbers]
) -> tuple[Numbers, Numbers]:
    """Means and scales of the samples of one colour, [n] each.

    Args:
        head: [11, n].
        place: of the colour in the order of coding.
        base: means of the nearest four in 2**-8 levels [n].
        errors: of the colours before, value less mean, in 2**-8 levels.
    """
    mean, scale = base + head[MEANS][place], head[SCALES][place]
    slopes = head[SLOPES][(0, 0, 1)[place] :]
    for slope, error in zip(slopes, errors, strict=False):
        mean = mean + (slope * error >> BITS)
    if errors:
        size = sum((np.abs(error) for error in errors[1:]), start=np.abs(errors[0]))
        scale = scale + (head[GROWTHS][place - 1] * magnitude(size) >> BITS)
    return mean.clip(0, LARGEST_MEAN), scale


def magnitude(sizes: Numbers) -> Numbers:
    """log2(1 + size), straight between powers of two, all in 2**-8.

    Sizes above 255 levels count as 255.
    """
    found: Numbers = _MAGNITUDES.take(np.minimum(sizes, len(_MAGNITUDES) - 1))
    return found


def _magnitudes() -> Numbers:
    numbers = np.arange(1 << BITS, LARGEST_MEAN + 1)
    octaves = np.frexp(numbers.astype(np.float64))[1] - 1
    beyond = (numbers << BITS >> octaves) - (1 << BITS)
    found: Numbers = (((octaves - BITS) << BITS) + beyond).astype(np.int32)
    return found


_MAGNITUDES = _magnitudes()
