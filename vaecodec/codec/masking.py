"""Where errors show: eyes see less of them in busy areas than in plain ones.

Contrast masking (Legge and Foley, "Contrast masking in human vision", 1980) as a factor
on what an error of a symbol is worth to the sender. Receivers know nothing of it. An
edge between flat areas, as of letters, varies much but masks little: so all small parts
of a square have to be busy for it to be so.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.geometry.areas import Area
from vaecodec.codec.geometry.squares import padded
from vaecodec.codec.hidden_colours import FilledColours
from vaecodec.models.architecture import Floats
from vaecodec.models.depth import BRIGHTEST, Samples, greatest

# LEAST + SPAN / (USUAL + activity): found on photographs that training holds back, and
# on screenshots, which must not lose by it.
LEAST, SPAN, USUAL = np.float32(0.2), np.float32(150), np.float32(60)
PART = 4  # pixels along a side of the parts of a square
QUIET = np.float32(20)  # variances far below it are alike


class Image(Protocol):
    """The samples of an image, [H, W] or [H, W, C], of which areas can be cut."""

    def __getitem__(self, area: Area, /) -> Samples:
        """Rows and columns as far as there are any."""


def visibility(image: Image, area: Area, side: int, depth: int) -> Floats:
    """`masking` of an area of an image, and 0 where alpha hides all there is."""
    factors = masking(image[area], side, depth)
    if isinstance(image, FilledColours):
        factors *= image.shows(area, side)
    return factors


def masking(samples: Samples, side: int, depth: int) -> Floats:
    """Factors [h, w], 0.2 where it is busy to 2.7 where it is flat.

    Args:
        samples: of an area, [H, W] or [H, W, 3].
        side: of the squares that have one factor each, in pixels.
        depth: bits of a sample.
    """
    light = padded(_light(samples), side)
    light *= np.float32(BRIGHTEST / greatest(depth))
    factors: Floats = LEAST + SPAN / (USUAL + _activity(light, side))
    return factors


def _activity(light: Floats, side: int) -> Floats:
    """The geometric mean of the variance of squares and of the least of their parts."""
    part = min(side, PART)
    parts = side // part  # along a side of a square
    mean, power = _means(light, part), _means(np.square(light), part)
    quietness = np.float32(1) / (power - np.square(mean) + QUIET)
    least = (np.float32(1) / _means(quietness, parts) - QUIET).clip(min=0)
    variance = _means(power, parts) - np.square(_means(mean, parts))
    activity: Floats = np.sqrt((variance.clip(min=0) + 1) * (least + 1)) - 1
    return activity


def _means(values: Floats, side: int) -> Floats:
    """Of squares [h, w]."""
    rows, columns = (length // side for length in values.shape)
    lines = values.reshape(rows, side, -1).sum(1)  # [h, W]
    sums: Floats = lines.reshape(rows, columns, side).sum(2)
    sums *= np.float32(1 / side**2)
    return sums


def _light(samples: NDArray[Any]) -> Floats:
    """The mean of the colours [H, W]."""
    if samples.ndim == 2:
        return samples.astype(np.float32)
    red, green, blue = (samples[:, :, colour] for colour in range(3))
    light = red.astype(np.float32)
    light += green
    light += blue
    light /= np.float32(3)
    return light
