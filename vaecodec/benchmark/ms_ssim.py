"""MS-SSIM over R, G and B, as the package `pytorch-msssim` computes it.

In: two uint8 arrays [H, W, 3]. Out: 0..1, or None for images with a side under 161.

Learned codecs are published with the numbers of that package, so its choices are
repeated: windows that lie in the image, and a row or column of zeros before an odd side
is halved. Here in numpy, since that needs no PyTorch and half the time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.search.ssimulacra2 import weighted_windows

# Five scales of an 11 x 11 window need more than 160 pixels.
SMALLEST_SIDE = 161
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # the largest scale first
C1, C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]


class MsSsim:
    """Scores decoded versions of one original, whose side is computed once."""

    def __init__(self, original: Pixels) -> None:
        self._channels = (
            [
                [_Scale(plane) for plane in _pyramid(channel)]
                for channel in _split(original)
            ]
            if min(original.shape[:2]) >= SMALLEST_SIDE
            else None
        )

    def score(self, decoded: Pixels) -> float | None:
        """MS-SSIM of a decoded version of the same shape; None when it is too small."""
        if self._channels is None:
            return None
        pairs = zip(self._channels, _split(decoded), strict=True)
        return float(np.mean([_channel_score(*pair) for pair in pairs]))


class _Scale:
    """One channel of the original on one scale, with its means and variances."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.mean = weighted_windows(plane)
        self.variance = weighted_windows(plane * plane) - self.mean**2

    def similarity(self, other: Plane) -> tuple[float, float]:
        """SSIM, and its part that contrast and structure have."""
        mean = weighted_windows(other)
        variance = weighted_windows(other * other) - mean * mean
        product = self.mean * mean
        covariance = weighted_windows(self.plane * other) - product
        structure = (2 * covariance + C2) / (self.variance + variance + C2)
        luminance = (2 * product + C1) / (self.mean**2 + mean * mean + C1)
        whole = (luminance * structure).mean(dtype=np.float64)
        return float(whole), float(structure.mean(dtype=np.float64))


def _channel_score(original: list[_Scale], decoded: Plane) -> float:
    planes = zip(original, _pyramid(decoded), strict=True)
    both = [scale.similarity(plane) for scale, plane in planes]
    factors = [structure for _, structure in both[:-1]] + [both[-1][0]]
    return float(np.prod(np.power(np.maximum(factors, 0), WEIGHTS)))


def _split(image: Pixels) -> list[Plane]:
    return [image[..., channel].astype(np.float32) for channel in range(3)]


def _pyramid(plane: Plane) -> list[Plane]:
    planes = [plane]
    for _ in WEIGHTS[1:]:
        planes.append(_halved(planes[-1]))
    return planes


def _halved(plane: Plane) -> Plane:
    height, width = plane.shape
    even = np.pad(plane, ((height % 2, 0), (width % 2, 0)))
    even = even[: len(even) // 2 * 2, : even.shape[1] // 2 * 2]
    rows = even[::2] + even[1::2]
    return (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)
