"""Pictures to measure on: a folder's files, or a photograph from scikit-image.

In: paths, sizes. Out: uint8 arrays [H, W, 3], RGB.

Everything becomes 8-bit RGB before any codec sees it, so that all codecs are given the
same samples; transparency and orientation tags are not looked at.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

SUFFIXES = {".png", ".webp", ".jpg", ".jpeg", ".avif", ".bmp", ".ppm", ".tif", ".tiff"}


def list_images(folder: Path) -> list[Path]:
    """Image files directly in `folder`, sorted by name; ValueError when none."""
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise ValueError(f"no image with a suffix of {sorted(SUFFIXES)} in {folder}")
    return paths


def read_image(path: Path) -> NDArray[np.uint8]:
    """Decode a file of any kind Pillow reads to uint8 [H, W, 3]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


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
