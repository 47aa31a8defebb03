"""Codecs on a set of pictures by some metrics: measured, compared, and stored.

In: picture files, codecs with qualities, a judge. Out: a `SetResult`, and lines that
say what each model of ours is worth.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.script import conditions
from vaecodec.benchmark.codecs import is_own
from vaecodec.benchmark.entry import Codec
from vaecodec.benchmark.images import load_image
from vaecodec.benchmark.metrics import Judge
from vaecodec.benchmark.records import (
    BdRates,
    Conditions,
    ImageResult,
    MeanPoint,
    RatePoint,
)
from vaecodec.benchmark.results import means
from vaecodec.benchmark.runner import measure_images
from vaecodec.benchmark.scoring import MakeJudge
from vaecodec.benchmark.sources import model_id
from vaecodec.benchmark.spread import bd_rates
from vaecodec.benchmark.write import bd_rate_table

Measured = Mapping[str, Sequence[ImageResult]]  # by codec


@dataclass(frozen=True)
class CodecName:
    """A codec by its name, and what a reader needs to repeat it."""

    name: str
    settings: str


@dataclass(frozen=True, kw_only=True)
class SetResult:
    """A result file: mean curves, and BD-rates of our models by metric.

    `codecs` and `means` are by codec, `models` are the model ids of ours.
    """

    set: str
    image_count: int
    codecs: Mapping[str, CodecName]
    models: Mapping[str, str]
    means: Mapping[str, tuple[RatePoint, ...]]
    bd_rates: Mapping[str, Mapping[str, BdRates]]
    conditions: Conditions


@dataclass(frozen=True)
class Curves:
    """What is compared of one codec."""

    name: str
    settings: str
    means: tuple[MeanPoint, ...]
    images: tuple[ImageResult, ...]


def measure_files(
    paths: Sequence[Path],
    codecs: Mapping[str, Codec],
    qualities: Mapping[str, Sequence[float]],
    *,
    judge: MakeJudge = Judge,
) -> Measured:
    """Every codec on every picture, behind a bar; ValueError when a codec fails."""
    with click.progressbar(
        length=len(paths), label="Measuring", file=sys.stderr
    ) as bar:
        images = map(load_image, paths)
        return measure_images(images, codecs, qualities, done=bar.update, judge=judge)


def compare_codecs(
    name: str,
    measured: Measured,
    codecs: Mapping[str, Codec],
    metrics: Sequence[str],
) -> SetResult:
    """Mean curves, and what each model is worth against each other codec."""
    curves = {
        key: Curves(codecs[key].name, codecs[key].settings, means(images), (*images,))
        for key, images in measured.items()
    }
    ids = {key: model_id(codec) for key, codec in codecs.items()}
    return SetResult(
        set=name,
        image_count=len(next(iter(measured.values()))),
        codecs={k: CodecName(c.name, c.settings) for k, c in curves.items()},
        models={key: found for key, found in ids.items() if found},
        means={key: _untimed(c.means, metrics) for key, c in curves.items()},
        bd_rates={metric: _own_rates(curves, metric) for metric in metrics},
        conditions=conditions(),
    )


def lines(result: SetResult) -> Iterator[str]:
    """A table for each model."""
    names = {key: codec.name for key, codec in result.codecs.items()}
    for key in result.models:
        yield from bd_rate_table(key, names, result.bd_rates)


def _untimed(
    points: Sequence[MeanPoint], metrics: Sequence[str]
) -> tuple[RatePoint, ...]:
    return tuple(
        RatePoint(
            quality=point.quality,
            bpp=point.bpp,
            scores={m: point.scores[m] for m in metrics if m in point.scores},
        )
        for point in points
    )


def _own_rates(curves: Mapping[str, Curves], metric: str) -> dict[str, BdRates]:
    rates = bd_rates(curves, metric)
    return {key: row for key, row in rates.items() if is_own(key)}
