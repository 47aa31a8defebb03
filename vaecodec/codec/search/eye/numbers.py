"""What the measure for the eye is made of, for whoever needs its slope.

SSIMULACRA2 (see `ssimulacra2`) tells how much structure differs, squared error anchors
what it does not look at, and local means hold the colours of plain areas. All of it is
in units of the squared error of levels, so that one lambda serves all. Training and
senders that search take these numbers; the measure itself is written for each of them,
in the arithmetic that it has.
"""

from __future__ import annotations

from functools import lru_cache

from vaecodec.codec.search.ssimulacra2 import (
    OPSIN_BIAS,
    WEIGHTS,
    XYB_FACTORS,
    XYB_OFFSETS,
)

SQUARED_ERROR_SHARE = 0.3
LUMA = (0.299, 0.587, 0.114)
LUMA_VALUE, COLOUR_VALUE = 1.3, 0.5  # of their squared errors in the anchor
SMOOTH_VALUE = 3.0
REDUCTION = 8  # plain areas are compared in means of 8x8 pixels
PLAIN_VARIANCE = 2.0  # of 8-bit luma; where the original varies more, bands hide
# Squared error that a unit of structural distance stands for: FACTOR * lambda ** POWER,
# a fit to the ratio of both in a model trained for squared error alone: 4 at the low
# end of its ladder (8e-5), 10 at the high end (0.6).
STRUCTURE_FACTOR, STRUCTURE_POWER = 11.0, 0.104

COUNTED = 0.01  # smaller weights move no score by 0.01
SMALLEST_NORM = 1e-20  # keeps the slope of a 4-norm finite where a map is zero
ROOT_OF_BIAS = OPSIN_BIAS ** (1 / 3)
# X, Y and B - Y as shares of the cube roots of three cones, and what is added.
TO_PLANES = tuple(
    (
        tuple(share * factor for share in shares),
        offset - factor * sum(shares) * ROOT_OF_BIAS,
    )
    for shares, factor, offset in zip(
        ((0.5, -0.5, 0.0), (0.5, 0.5, 0.0), (-0.5, -0.5, 1.0)),
        XYB_FACTORS,
        XYB_OFFSETS,
        strict=True,
    )
)


@lru_cache(maxsize=1)
def counted_planes() -> tuple[tuple[int, ...], ...]:
    """The planes (X, Y, B - Y) that count, scale by scale.

    Two thirds of the 108 weights are as good as zero.
    """
    heaviest = WEIGHTS.max(axis=(2, 3))  # [plane, scale]
    return tuple(
        tuple(plane for plane, weight in enumerate(column) if weight > COUNTED)
        for column in heaviest.T
    )
