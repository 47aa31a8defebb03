"""What codecs make of a picture at equal bytes.

In: a picture and codecs. Out: `Version`s, scored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vaecodec.benchmark.crops import largest_file
from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.metrics import Judge, Scores, bits_per_pixel

TOLERANCE = 0.02
# Nothing was measured: any quality from 0 to 100 may be the one.
UNKNOWN = ({"quality": 0, "bpp": 0.0}, {"quality": 100, "bpp": math.inf})


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
        height, width, _ = self.samples.shape
        return bits_per_pixel(self.size, width=width, height=height)


def version(data: bytes, codec: Codec, judge: Judge) -> Version:
    """Decode and score a file."""
    samples = codec.decompress(data)
    return Version(len(data), samples, judge.scores(samples))


def of_equal_size(size: int, codec: Codec, picture: Pixels, judge: Judge) -> Version:
    """The largest file of at most `size` bytes and 2 %, or that of quality 0."""
    height, width, _ = picture.shape
    rate = bits_per_pixel(size, width=width, height=height)
    data = largest_file(codec, picture, UNKNOWN, (1 + TOLERANCE) * rate)
    return version(data, codec, judge)
