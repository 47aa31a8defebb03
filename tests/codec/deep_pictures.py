"""Pictures of more than 8 bits, drawn by code."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ramp(height: int, width: int, depth: int) -> NDArray[np.uint16]:
    """A gray gradient from black to white, from left to right."""
    row = np.rint(np.linspace(0, (1 << depth) - 1, width)).astype(np.uint16)
    return np.tile(row, (height, 1))


def deep_picture(
    height: int, width: int, channels: int, depth: int
) -> NDArray[np.uint16]:
    """Gradients in all directions, and alpha with every kind of value in it."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    colours: list[NDArray[Any]] = [x] if channels < 3 else [x, y, (x + y) / 2]
    if channels % 2 == 0:
        noise = np.random.default_rng(depth).random((height, width))
        colours = [*colours, np.where(x < 0.3, 0, np.where(y < 0.3, 1, noise))]
    samples = np.rint(np.dstack(colours) * ((1 << depth) - 1)).astype(np.uint16)
    return samples[:, :, 0] if channels == 1 else samples


def avif_of(depth: int, samples: NDArray[np.uint16]) -> bytes:
    """An AVIF file of RGB samples; its code points say sRGB."""
    import pyvips

    shifted = np.ascontiguousarray(samples << (16 - depth))
    image = pyvips.Image.new_from_array(shifted, interpretation="rgb16")
    data: bytes = image.heifsave_buffer(
        compression="av1", bitdepth=depth, lossless=True, effort=0
    )
    return data
