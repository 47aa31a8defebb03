"""Pictures to measure on without any file: a photograph from scikit-image.

In: sizes. Out: RGB images.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps


def photograph(width: int, height: int) -> Image.Image:
    """The astronaut of scikit-image (NASA, public domain), cropped and resized."""
    from skimage import data

    pixels = data.astronaut()  # type: ignore[no-untyped-call, unused-ignore]
    picture = Image.fromarray(pixels)
    return ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)


def large_photograph(width: int, height: int) -> Image.Image:
    """A photograph of any size: enlarged smoothly, then continued by its mirror image.

    The enlarged piece is 1600 x 1200 pixels: nothing repeats at a smaller scale, and
    the seams of the mirroring stay clear of multiples of 1024 below 25 600 pixels.
    """
    piece = np.asarray(photograph(1600, 1200))
    rows = _mirrored_positions(height, piece.shape[0])
    columns = _mirrored_positions(width, piece.shape[1])
    return Image.fromarray(piece[rows[:, None], columns])


def _mirrored_positions(length: int, period: int) -> NDArray[np.int64]:
    position = np.arange(length) % (2 * period)
    return np.minimum(position, 2 * period - 1 - position)
