"""Contact sheets: a part of an image out of every codec, at equal bits per pixel.

In: images, codecs, and the points measured. Out: `Crop`s, pictures as data URIs.

Each codec gets the quality whose file is the largest that is not above the target. The
part shown is the one with the most detail in the original; the codecs have no say in
it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image

from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.equal_bytes import largest_file, version
from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.metrics import Judge
from vaecodec.benchmark.records import RatePoint, Scores

TARGETS_BPP = (0.15, 0.4, 1.0)
CROP_SIDE = 320


@dataclass(frozen=True)
class Shown:
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
    versions: tuple[Shown, ...]


def make_sheet(
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    points: Mapping[str, Sequence[RatePoint]],
) -> list[Crop]:
    """The image out of every codec at each of TARGETS_BPP.

    `points` are those measured of this image, by codec. A rate that one of the codecs
    cannot go down to is replaced by the smallest that all of them reach.
    """
    judge = Judge(image.pixels)
    reached = max(min(p.bpp for p in ps) for ps in points.values())
    targets = sorted({max(target, reached) for target in TARGETS_BPP})
    return [_make_crop(image, codecs, points, judge, target) for target in targets]


def _make_crop(
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    points: Mapping[str, Sequence[RatePoint]],
    judge: Judge,
    target: float,
) -> Crop:
    rows, columns = busiest_part(image.pixels, CROP_SIDE)
    height, width = image.pixels[rows, columns].shape[:2]
    versions = [Shown("Original", data_uri(image.pixels[rows, columns]), 24.0, {})]
    for key, codec in codecs.items():
        # At a quality that was not measured, a codec of a user may still fail.
        with suppress(Exception):
            data = largest_file(codec, image.pixels, points[key], target)
            made = version(data, codec, judge)
            uri = data_uri(made.samples[rows, columns])
            versions.append(Shown(codec.name, uri, made.bits_per_pixel, made.scores))
    return Crop(image.name, target, width, height, tuple(versions))


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
