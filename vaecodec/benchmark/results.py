"""Result files: one JSON per codec, one CSV of all, and taking up where a run ended.

In: results of single images. Out: `<codec>.json` with these, means, BD-rates against
the published curves, monotonicity and conditions; `results.csv`; `summary.json` with
what only several codecs have together.

The JSON files are written again after every image, whole or not at all, so an
interruption loses at most one image. A later run keeps the images of a file that was
made with the same settings, versions and processor.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from vaecodec.benchmark.codecs import entries
from vaecodec.benchmark.curves import not_rising
from vaecodec.benchmark.json_files import read_record, to_plain
from vaecodec.benchmark.metrics import MS_SSIM_DB, decibels
from vaecodec.benchmark.records import (
    CodecResult,
    Conditions,
    Failure,
    FilePoint,
    Identity,
    ImageResult,
    MeanPoint,
    Results,
    Scores,
)

SUMMARY = "summary"
COLUMNS = (
    *("codec", "image", "width", "height", "quality", "bytes", "bpp", "psnr-rgb"),
    *("ms-ssim-rgb", "ms-ssim-rgb-db", "ssimulacra2"),
    *("encoding_time", "decoding_time"),
)


def file_name(codec: str) -> str:
    """The file of a codec; that of one of your own is called module.Class.json."""
    return f"{codec.replace(':', '.')}.json"


def load_results(folder: Path) -> dict[str, CodecResult]:
    """Result files of a folder by codec, in the order of tables, then other codecs."""
    paths = [path for path in sorted(folder.glob("*.json")) if path.stem != SUMMARY]
    results = {r.codec: r for r in (read_record(CodecResult, path) for path in paths)}
    known = [codec for codec in entries() if codec in results]
    return {codec: results[codec] for codec in [*known, *results]}


def kept_images(
    folder: Path, identity: Identity, conditions: Conditions
) -> dict[str, ImageResult]:
    """Images by name of an earlier run that was the same as the one planned."""
    try:
        old = read_record(CodecResult, folder / file_name(identity.codec))
    except (OSError, ValueError):
        return {}
    same = old.identity == identity and _place(old.conditions) == _place(conditions)
    return {image.name: image for image in old.images} if same else {}


def _place(conditions: Conditions) -> tuple[Any, ...]:
    """What must be equal for two runs to be one: the rest may differ, as the date."""
    versions = dict(conditions.versions)
    return versions, conditions.python, conditions.cpu, conditions.threads


def means(images: Sequence[ImageResult]) -> tuple[MeanPoint, ...]:
    """One mean for every quality that all images have."""
    points: dict[float, list[FilePoint]] = {}
    for image in images:
        for point in image.points:
            points.setdefault(point.quality, []).append(point)
    return tuple(_mean(same) for same in points.values() if len(same) == len(images))


def falls(images: Iterable[ImageResult]) -> tuple[str, ...]:
    """Where a higher quality gave no larger file, or no higher PSNR, of an image."""
    return tuple(
        f"{image.name}: {measure} at quality {image.points[i].quality}"
        for image in images
        for measure, values in (
            ("bytes", [point.size for point in image.points]),
            ("psnr-rgb", [point.scores["psnr-rgb"] or 0 for point in image.points]),
        )
        for i in not_rising(values)
    )


def failures(images: Iterable[ImageResult]) -> tuple[Failure, ...]:
    """All failures of a codec, image by image."""
    return tuple(failure for image in images for failure in image.failures)


def table(results: Results) -> str:
    """All points as CSV, with the means as those of an image called "mean"."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for codec, result in results.items():
        for image in result.images:
            size = {"width": image.width, "height": image.height}
            about = {"codec": codec, "image": image.name, **size}
            writer.writerows({**about, **to_plain(point)} for point in image.points)
        mean = {"codec": codec, "image": "mean"}
        writer.writerows({**mean, **to_plain(point)} for point in result.means)
    return stream.getvalue()


def _mean(points: Sequence[FilePoint]) -> MeanPoint:
    return MeanPoint(
        quality=points[0].quality,
        bpp=_average([point.bpp for point in points]),
        scores=_mean_scores([point.scores for point in points]),
        encoding_time=_average([point.encoding_time for point in points]),
        decoding_time=_average([point.decoding_time for point in points]),
    )


def _mean_scores(scores: Sequence[Scores]) -> Scores:
    """Of the metrics that all images have; MS-SSIM in dB of the mean, as published."""
    mean: dict[str, float | None] = {}
    for metric in scores[0]:
        every = (score.get(metric) for score in scores)
        values = [value for value in every if value is not None]
        if metric != MS_SSIM_DB and len(values) == len(scores):
            mean[metric] = _average(values)
    if ratio := mean.get("ms-ssim-rgb"):
        mean[MS_SSIM_DB] = round(decibels(ratio), 4)
    return mean


def _average(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 6)
