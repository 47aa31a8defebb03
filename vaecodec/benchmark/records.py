"""What is measured, as records: points, images, codecs, comparisons, conditions.

They are what all modules here pass on; `json_files` turns them into files and back. In
files, scores stand beside the other values of a point, by the name of the metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from vaecodec.benchmark.json_files import FLAT, named

# By metric; None where the image is too small for it.
Scores: TypeAlias = Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class RatePoint:
    """Where a codec is at one quality: bits per pixel of whole files, and scores."""

    quality: float
    bpp: float
    scores: Scores = field(metadata=FLAT)


@dataclass(frozen=True, kw_only=True)
class MeanPoint(RatePoint):
    """A mean over images; times are seconds for one image."""

    encoding_time: float
    decoding_time: float


@dataclass(frozen=True, kw_only=True)
class FilePoint(MeanPoint):
    """One file of `size` bytes."""

    size: int = field(metadata=named("bytes"))


@dataclass(frozen=True)
class Failure:
    """What a codec did wrong with an image, in one line."""

    image: str
    quality: float
    reason: str

    def __str__(self) -> str:
        return f"{self.image} at quality {self.quality}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class ImageResult:
    """All that one codec made of one image.

    `samples_sha256` is the `BenchmarkImage.digest`, `run` when the run began that
    measured it.
    """

    name: str
    width: int
    height: int
    samples_sha256: str
    points: tuple[FilePoint, ...]
    failures: tuple[Failure, ...]
    run: str | None = None


@dataclass(frozen=True)
class ImageSpread:
    """BD-rates of single images in percent, None where too little is in common."""

    images: Mapping[str, float | None]
    lowest: float | None
    median: float | None
    highest: float | None
    worst_image: str | None


@dataclass(frozen=True)
class Comparison:
    """BD-rate in percent over the scores from `low` to `high`.

    `gain` is the BD-PSNR (in units of the score), None where the rates have less than
    half in common; `overlap` the common part of the narrower range of scores, 0..1;
    `flags` say which points were left out because the curve falls there.
    """

    percent: float
    gain: float | None
    low: float
    high: float
    overlap: float
    flags: tuple[str, ...]
    by_image: ImageSpread | None = None


@dataclass(frozen=True)
class Refusal:
    """Two curves that cannot be compared, and why."""

    refused: str
    by_image: ImageSpread | None = None


BdRate: TypeAlias = Comparison | Refusal
# By the codec that is compared with.
BdRates: TypeAlias = Mapping[str, BdRate]


@dataclass(frozen=True)
class Reproduction:
    """Largest differences from a published curve at equal qualities."""

    curve: str
    qualities: int
    rate_percent: float
    psnr_db: float


@dataclass(frozen=True, kw_only=True)
class ProcessCost:
    """Of a process with one codec: seconds to load, memory; or why there is none."""

    load_time: float | None = None
    peak_mib: float | None = None
    compressing_peak_mib: float | None = None
    before_mib: float | None = None
    failed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What a reader needs to repeat a run.

    `threads` None: the choice of the libraries; `load_average`: of the last minute
    when the run began; `scoring`: where scores were computed meanwhile.
    """

    date: str
    command: str
    python: str
    versions: Mapping[str, str | None]
    system: str
    cpu: str
    cpu_count: int | None
    load_average: float | None
    threads: int | None
    scoring: str | None = None


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What must be the same for rows of an earlier run to be kept.

    `code` is the `code_digest`; `largest_side` None: whole images.
    """

    codec: str
    name: str
    settings: str
    model_id: str | None = None
    code: str | None
    qualities: tuple[float, ...]
    metrics: Mapping[str, str]
    repeats: int
    largest_side: int | None


@dataclass(frozen=True, kw_only=True)
class CodecResult:
    """The result file of one codec.

    `bd_rates` are against the published curves, of PSNR, on their images only.
    """

    codec: str
    name: str
    settings: str
    model_id: str | None = None
    planned_images: int
    identity: Identity
    conditions: Conditions
    process: ProcessCost | None = None
    image_count: int
    means: tuple[MeanPoint, ...]
    not_monotonic: tuple[str, ...]
    failures: tuple[Failure, ...]
    bd_rates: BdRates | None = None
    reproduces: Reproduction | None = None
    images: tuple[ImageResult, ...]

    @property
    def is_good(self) -> bool:
        """Whether it has a curve.

        Means over some of the images would be means over other images than those of
        the rest.
        """
        return bool(self.means) and not self.failures


Results: TypeAlias = Mapping[str, CodecResult]


class HasCurve(Protocol):
    """What has means to draw and compare, whole results among others."""

    @property
    def name(self) -> str:
        """Of the codec."""

    @property
    def settings(self) -> str:
        """What a reader needs to repeat it."""

    @property
    def means(self) -> tuple[RatePoint, ...]:
        """From the smallest file to the largest."""

    @property
    def images(self) -> tuple[ImageResult, ...]:
        """The same ones for all codecs."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What several codecs have together; `bd_rates` are by metric and codec.

    `kodak`: whether the images are those of the published curves; `one_run`: whether
    all rows were measured in one run.
    """

    folder: str
    images: tuple[str, ...]
    kodak: bool
    codecs: tuple[str, ...]
    absent: Mapping[str, str]
    failed: Mapping[str, tuple[Failure, ...]]
    one_run: bool
    bd_rates: Mapping[str, Mapping[str, BdRates]]
    conditions: Conditions
