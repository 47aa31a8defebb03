"""Pictures to measure on that no data set is needed for: photographs from wheels.

In: names or sizes. Out: RGB images.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from vaecodec.benchmark.images import read_image

# Photographs in the wheels of scikit-image and scikit-learn, by package and path.
WHEELS = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "chelsea": ("skimage", "data/chelsea.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "brick": ("skimage", "data/brick.png"),
    "grass": ("skimage", "data/grass.png"),
    "gravel": ("skimage", "data/gravel.png"),
    "hubble": ("skimage", "data/hubble_deep_field.jpg"),
    "tissue": ("skimage", "data/ihc.png"),
    "retina": ("skimage", "data/retina.jpg"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}


def wheel_photograph(name: str) -> NDArray[np.uint8]:
    """A photograph of `WHEELS`, uint8 [H, W, 3].

    Raises:
        ModuleNotFoundError: its package is not installed.
    """
    package, path = WHEELS[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} comes with {package}, not installed")
    return read_image(Path(spec.origin).parent / path)


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
