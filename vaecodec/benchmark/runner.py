"""Measure codecs on one image: files, scores, times, and whatever goes wrong.

In: an image and codecs. Out: for each codec an `ImageResult` with a point for every
quality, and its failures.

Every number comes from a complete file: the image is compressed to bytes, and decoded
from nothing but these bytes. Seconds are medians of repeats. All codecs take turns,
quality by quality and repeat by repeat, so that a slow minute of the machine falls on
all of them and the ratios of their times hold; scores are computed beside (`scoring`).
A codec that fails at a quality has failed there, and nothing else stops.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.metrics import Judge, bits_per_pixel
from vaecodec.benchmark.records import Failure, FilePoint, ImageResult
from vaecodec.benchmark.scoring import MakeJudge, Scorer, Task, scoring
from vaecodec.codec.search.distortion import psnr_db, psnr_from_mse

# A picture further from the original than one flat colour, and also below this many
# dB, is no picture of the original.
GARBAGE_DB = 20.0
WARM_UP_SIDE = 64


class CodecFailure(Exception):
    """Something a codec did that no codec may do, in one line."""


@dataclass
class Attempt:
    """One codec at one quality: its file, its score, the seconds of each repeat."""

    codec: str
    quality: float
    size: int = 0
    task: Task | None = None
    encoding: list[float] = field(default_factory=list)
    decoding: list[float] = field(default_factory=list)
    failure: str = ""


def measure_image(
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    qualities: Mapping[str, Sequence[float]],
    *,
    scorer: Scorer,
    repeats: int,
) -> dict[str, ImageResult]:
    """Every codec at each of its qualities, by the key of the codec."""
    warm_up(image, codecs, qualities)
    attempts = [Attempt(codec, q) for codec, q in turns(qualities)]
    for _ in range(repeats):
        for attempt in attempts:
            if not attempt.failure:
                decoded = run_once(attempt, codecs[attempt.codec], image.pixels)
                if decoded is not None and attempt.task is None:
                    attempt.task = scorer.give(image, decoded)
    return {
        key: _result(image, [a for a in attempts if a.codec == key]) for key in codecs
    }


def measure_images(
    images: Iterable[BenchmarkImage],
    codecs: Mapping[str, Codec],
    qualities: Mapping[str, Sequence[float]],
    *,
    done: Callable[[int], None],
    judge: MakeJudge = Judge,
) -> dict[str, list[ImageResult]]:
    """Results of every codec on all images, each file written and read once.

    `done` is told the number of images just finished.

    Raises:
        ValueError: a codec failed.
    """
    results: dict[str, list[ImageResult]] = {key: [] for key in codecs}
    with scoring(judge) as scorer:
        for image in images:
            new = measure_image(image, codecs, qualities, scorer=scorer, repeats=1)
            for key, result in new.items():
                if result.failures:
                    raise ValueError(f"{key}: {result.failures[0]}")
                results[key].append(result)
            done(1)
    return results


def warm_up(
    image: BenchmarkImage,
    codecs: Mapping[str, Codec],
    qualities: Mapping[str, Sequence[float]],
) -> None:
    """Load models and tables, which no image should pay for."""
    corner = np.ascontiguousarray(image.pixels[:WARM_UP_SIDE, :WARM_UP_SIDE])
    for key, codec in codecs.items():
        # Its failure is recorded when it fails on the image itself.
        run_once(Attempt(key, qualities[key][0]), codec, corner)


def turns(qualities: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, float]]:
    """First qualities of all codecs, then all second ones, and so on."""
    for position in range(max(map(len, qualities.values()), default=0)):
        for codec, values in qualities.items():
            if position < len(values):
                yield codec, values[position]


def run_once(attempt: Attempt, codec: Codec, image: Pixels) -> Pixels | None:
    """Compress and decode once, into the attempt; the image, or None if it failed."""
    try:
        start = time.perf_counter()
        data = codec.compress(image, attempt.quality)
        middle = time.perf_counter()
        _check_file(data)
        again = time.perf_counter()
        decoded = codec.decompress(data)
        end = time.perf_counter()
        _check_image(image, decoded)
    # A codec of somebody else may raise anything, and even ask to exit.
    except (Exception, SystemExit) as error:
        attempt.failure = reason(error)
        return None
    attempt.encoding.append(middle - start)
    attempt.decoding.append(end - again)
    attempt.size = len(data)
    return decoded


def reason(error: BaseException) -> str:
    """One line about an exception."""
    text = " ".join(str(error).split())[:200]
    if isinstance(error, CodecFailure):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _check_file(data: Any) -> None:
    if not isinstance(data, bytes):
        raise CodecFailure(f"compress returned {type(data).__name__}, not bytes")
    if not data:
        raise CodecFailure("compress returned no bytes")


def _check_image(image: Pixels, decoded: Any) -> None:
    if not isinstance(decoded, np.ndarray):
        raise CodecFailure(
            f"decompress returned {type(decoded).__name__}, not an array"
        )
    if decoded.shape != image.shape or decoded.dtype != np.uint8:
        raise CodecFailure(
            f"decompress returned {decoded.dtype} {list(decoded.shape)}, "
            f"not uint8 {list(image.shape)}"
        )
    psnr = psnr_db(image, decoded)
    if psnr < min(GARBAGE_DB, psnr_from_mse(float(image.var()))):
        raise CodecFailure(f"{psnr:.1f} dB, worse than a flat colour")


def _result(image: BenchmarkImage, attempts: list[Attempt]) -> ImageResult:
    height, width, _ = image.pixels.shape
    return ImageResult(
        name=image.name,
        width=width,
        height=height,
        samples_sha256=image.digest,
        points=tuple(_point(a, width, height) for a in attempts if not a.failure),
        failures=tuple(
            Failure(image.name, a.quality, a.failure) for a in attempts if a.failure
        ),
    )


def _point(attempt: Attempt, width: int, height: int) -> FilePoint:
    scores = attempt.task.scores().items() if attempt.task else ()
    return FilePoint(
        quality=attempt.quality,
        size=attempt.size,
        bpp=round(bits_per_pixel(attempt.size, width=width, height=height), 6),
        scores={name: None if v is None else round(v, 5) for name, v in scores},
        encoding_time=round(statistics.median(attempt.encoding), 5),
        decoding_time=round(statistics.median(attempt.decoding), 5),
    )
