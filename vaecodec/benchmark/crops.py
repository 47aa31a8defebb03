"""Contact sheets: a part of an image out of every codec, at equal bits per pixel.

In: images, codecs, and the points measured. Out: `Crop`s, pictures as data URIs.

Each codec gets the quality whose file is the largest that is not above the target: it
is found by bisection between the measured qualities, with real files. The part shown is
the one with the most detail in the original; the codecs have no say in it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.metrics import Judge, Scores, bits_per_pixel

TARGETS_BPP = (0.15, 0.4, 1.0)
CROP_SIDE = 320
# Enough to find one of 100 integers.
BISECTIONS = 7


@dataclass(frozen=True)
class Version:
    """What one codec made of the image: `uri` shows the crop, scores are of the image.

    The original has no scores.
    """

    name: str
    uri: str
    bpp: float
    scores: Scores


@dataclass(frozen=True)
class Crop:
    """One image: the original first, then the codecs, all near `target` bpp."""

    image: str
    target: float
    width: int
    height: int
    versions: tuple[Version, ...]


def make_sheet(
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    points: Mapping[str, Sequence[dict[str, Any]]],
) -> list[Crop]:
    """The image out of every codec at each of TARGETS_BPP.

    `points` are those measured of this image, by codec. A rate that one of the codecs
    cannot go down to is replaced by the smallest that all of them reach.
    """
    judge = Judge(image.pixels)
    reached = max(min(p["bpp"] for p in ps) for ps in points.values())
    targets = sorted({max(target, reached) for target in TARGETS_BPP})
    return [_make_crop(image, codecs, points, judge, target) for target in targets]


def _make_crop(
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    points: Mapping[str, Sequence[dict[str, Any]]],
    judge: Judge,
    target: float,
) -> Crop:
    rows, columns = busiest_part(image.pixels, CROP_SIDE)
    height, width = image.pixels[rows, columns].shape[:2]
    versions = [Version("Original", data_uri(image.pixels[rows, columns]), 24.0, {})]
    for key, codec in codecs.items():
        # At a quality that was not measured, a codec of a user may still fail.
        with suppress(Exception):
            data = largest_file(codec, image.pixels, points[key], target)
            decoded = codec.decompress(data)
            uri, rate = data_uri(decoded[rows, columns]), _bpp(data, image.pixels)
            versions.append(Version(codec.name, uri, rate, judge.scores(decoded)))
    return Crop(image.name, target, width, height, tuple(versions))


def largest_file(
    codec: Codec, image: Pixels, points: Sequence[dict[str, Any]], target: float
) -> bytes:
    """The largest file of at most `target` bpp, or the smallest of all."""
    ordered = sorted(points, key=lambda point: point["bpp"])
    below = [p for p in ordered if p["bpp"] <= target] or ordered[:1]
    above = [p for p in ordered if p["bpp"] > target]
    low, best = below[-1]["quality"], codec.compress(image, below[-1]["quality"])
    high = above[0]["quality"] if above and below[-1] is not above[0] else low
    integers = all(isinstance(point["quality"], int) for point in points)
    for _ in range(BISECTIONS):
        middle = (low + high) // 2 if integers else (low + high) / 2
        if middle == low:
            break
        data = codec.compress(image, middle)
        if _bpp(data, image) <= target:
            low, best = middle, data
        else:
            high = middle
    return best


def busiest_part(image: Pixels, side: int) -> tuple[slice, slice]:
    """The square (or what the image has of it) with the largest mean gradient."""
    gray = image.mean(axis=2)
    detail = np.zeros_like(gray)
    detail[1:] += np.abs(np.diff(gray, axis=0))
    detail[:, 1:] += np.abs(np.diff(gray, axis=1))
    # A sum over every square is four values of the summed-area table.
    area = np.pad(detail.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    h, w = (min(side, length) for length in gray.shape)
    sums = area[h:, w:] - area[:-h, w:] - area[h:, :-w] + area[:-h, :-w]
    top, left = (int(i) for i in np.unravel_index(np.argmax(sums), sums.shape))
    return slice(top, top + h), slice(left, left + w)


def data_uri(pixels: Pixels) -> str:
    """Pixels as a lossless picture inside a URI, which needs no file and no network."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", lossless=True, method=4)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()


def _bpp(data: bytes, image: Pixels) -> float:
    return bits_per_pixel(len(data), width=image.shape[1], height=image.shape[0])
