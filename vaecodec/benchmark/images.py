"""The images that are measured: files of a folder as 8-bit RGB.

In: paths. Out: `BenchmarkImage`s with uint8 arrays [H, W, 3].

Everything becomes 8-bit RGB before any codec sees it, so that all codecs are given the
same samples and none has metadata to store; transparency and orientation tags are not
looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.errors import ImageError

SUFFIXES = {".png", ".webp", ".jpg", ".jpeg", ".avif", ".bmp", ".ppm", ".tif", ".tiff"}
QUICK_IMAGES = 3
QUICK_SIDE = 512


@dataclass(frozen=True)
class BenchmarkImage:
    """An image by the name of its file; `digest` is of the samples, not of the file."""

    name: str
    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        # No codec may change what the next one is given and all are judged by.
        self.pixels.setflags(write=False)

    @cached_property
    def digest(self) -> str:
        """First 16 hex digits of the SHA-256 of the samples."""
        return hashlib.sha256(self.pixels.tobytes()).hexdigest()[:16]


def list_images(folder: Path) -> list[Path]:
    """Image files directly in `folder`, sorted by name; ValueError when none."""
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise ValueError(f"no image with a suffix of {sorted(SUFFIXES)} in {folder}")
    return paths


def spread(paths: list[Path], count: int) -> list[Path]:
    """At most `count` of the paths, evenly spaced."""
    if len(paths) <= count:
        return paths
    return [paths[(2 * i + 1) * len(paths) // (2 * count)] for i in range(count)]


def read_image(path: Path) -> NDArray[np.uint8]:
    """Decode a file of any kind Pillow reads to uint8 [H, W, 3].

    Raises:
        ImageError: the file is damaged, no image, or too large for Pillow's limit.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        raise ImageError(f"{path.name}: {error}") from error


def load_image(path: Path, *, largest_side: int | None = None) -> BenchmarkImage:
    """Read a file; of an image with a larger side only the centre is measured."""
    pixels = read_image(path)
    if largest_side:
        rows, columns = (slice_of_centre(n, largest_side) for n in pixels.shape[:2])
        pixels = np.ascontiguousarray(pixels[rows, columns])
    return BenchmarkImage(path.name, pixels)


def slice_of_centre(length: int, side: int) -> slice:
    """The middle `side` of `length` pixels, or all of them."""
    start = max(0, (length - side) // 2)
    return slice(start, start + side)
