"""What codecs make of a picture at equal bytes.

In: a picture, codecs, and a rate or a size. Out: files, and `Version`s, decoded and
scored. The quality is found by bisection, with real files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.metrics import Judge, bits_per_pixel
from vaecodec.benchmark.records import RatePoint, Scores

# Enough to find one of 100 integers.
BISECTIONS = 7
TOLERANCE = 0.02
# Nothing was measured: any quality from 0 to 100 may be the one.
UNKNOWN = (
    RatePoint(quality=0, bpp=0.0, scores={}),
    RatePoint(quality=100, bpp=math.inf, scores={}),
)


@dataclass(frozen=True)
class Version:
    """A file that a codec made of a picture.

    Attributes:
        size: of the file, in bytes.
        samples: the decoded picture, uint8 [H, W, 3].
        scores: by metric; see `Judge`.
    """

    size: int
    samples: Pixels
    scores: Scores

    @property
    def bits_per_pixel(self) -> float:
        """Of the whole file."""
        return _rate(self.size, self.samples)


def version(data: bytes, codec: Codec, judge: Judge) -> Version:
    """Decode and score a file."""
    samples = codec.decompress(data)
    return Version(len(data), samples, judge.scores(samples))


def of_equal_size(size: int, codec: Codec, picture: Pixels, judge: Judge) -> Version:
    """The largest file of at most `size` bytes and 2 %, or that of quality 0."""
    rate = (1 + TOLERANCE) * _rate(size, picture)
    return version(largest_file(codec, picture, UNKNOWN, rate), codec, judge)


def largest_file(
    codec: Codec, image: Pixels, points: Sequence[RatePoint], target: float
) -> bytes:
    """The largest file of at most `target` bits per pixel, or the smallest of all.

    `points` are qualities and their rates, measured or the limits of the scale.
    """
    ordered = sorted(points, key=lambda point: point.bpp)
    below = [p for p in ordered if p.bpp <= target] or ordered[:1]
    above = [p for p in ordered if p.bpp > target]
    low, best = below[-1].quality, codec.compress(image, below[-1].quality)
    high = above[0].quality if above and below[-1] is not above[0] else low
    integers = all(isinstance(point.quality, int) for point in points)
    for _ in range(BISECTIONS):
        middle = (low + high) // 2 if integers else (low + high) / 2
        if middle == low:
            break
        data = codec.compress(image, middle)
        if _rate(len(data), image) <= target:
            low, best = middle, data
        else:
            high = middle
    return best


def _rate(size: int, picture: Pixels) -> float:
    return bits_per_pixel(size, width=picture.shape[1], height=picture.shape[0])
