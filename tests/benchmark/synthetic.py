"""Results as a run leaves them, of codecs that never ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vaecodec.benchmark.anchors import load_anchors, published
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.crops import Crop, Shown, data_uri
from vaecodec.benchmark.curves import measured_curve
from vaecodec.benchmark.records import (
    CodecResult,
    Conditions,
    FilePoint,
    Identity,
    ImageResult,
    MeanPoint,
    ProcessCost,
    Results,
    Scores,
    Summary,
)
from vaecodec.benchmark.spread import bd_rates

QUALITIES = (10, 30, 50, 70, 90)
MODEL_ID = "0123456789abcdef"
CONDITIONS = Conditions(
    date="2026-01-01",
    command="vaecodec benchmark <kodak>",
    python="3.11",
    versions={"numpy": "2", "torch": None},
    system="Linux",
    cpu="a processor",
    cpu_count=2,
    load_average=0.1,
    threads=1,
    scoring="in a second process",
)


def make_point(
    quality: float,
    bpp: float = 1.0,
    *,
    size: int = 1000,
    scores: Mapping[str, float | None] | None = None,
) -> FilePoint:
    return FilePoint(
        quality=quality,
        bpp=bpp,
        size=size,
        scores=scores or {},
        encoding_time=0.1,
        decoding_time=0.01,
    )


def make_image(
    name: str, *points: FilePoint, digest: str = "0" * 16, width: int = 768
) -> ImageResult:
    return ImageResult(
        name=name,
        width=width,
        height=512,
        samples_sha256=digest,
        points=points,
        failures=(),
    )


def kodak_images(*points: FilePoint) -> tuple[ImageResult, ...]:
    """The 24 images of the published curves."""
    images = published().images.items()
    return tuple(make_image(f"{n}.webp", *points, digest=d) for n, d in images)


def make_scores(quality: float) -> Scores:
    return {
        "psnr-rgb": 28 + 3 * quality / 20,
        "ms-ssim-rgb": 1 - 0.1 * 2 ** (-quality / 15),
        "ms-ssim-rgb-db": 10 + quality / 5,
    }


def make_result(codec: str, name: str, *, scale: float) -> CodecResult:
    """A codec whose rate doubles every 3 dB, times `scale`, on all of Kodak."""
    points = [
        make_point(
            q,
            scale * 0.1 * 2 ** (q / 20),
            size=round(scale * 5000 * 2 ** (q / 20)),
            scores=make_scores(q),
        )
        for q in QUALITIES
    ]
    settings, images = "synthetic & <plain>", kodak_images(*points)
    return CodecResult(
        codec=codec,
        name=name,
        settings=settings,
        model_id=MODEL_ID,
        planned_images=len(images),
        identity=Identity(
            codec=codec,
            name=name,
            settings=settings,
            code=None,
            qualities=QUALITIES,
            metrics={"psnr-rgb": "of all"},
            repeats=3,
            largest_side=None,
        ),
        conditions=CONDITIONS,
        process=ProcessCost(load_time=0.2, peak_mib=200.0, before_mib=60.0),
        image_count=len(images),
        means=tuple(mean_of(point, scale) for point in points),
        not_monotonic=("kodim01.webp: bytes at quality 30",),
        failures=(),
        images=images,
    )


def mean_of(point: FilePoint, scale: float) -> MeanPoint:
    """That of equal images."""
    return MeanPoint(
        quality=point.quality,
        bpp=point.bpp,
        scores=point.scores,
        encoding_time=0.1 * scale,
        decoding_time=0.01 * scale,
    )


def make_results() -> dict[str, CodecResult]:
    """Vaecodec, ten percent better than JPEG."""
    own = make_result("vaecodec", "vaecodec", scale=0.9)
    rates = comparisons(measured_curve(own), load_anchors())
    return {
        "vaecodec": replace(own, bd_rates=rates),
        "jpeg-420": make_result("jpeg-420", "JPEG 4:2:0", scale=1.0),
    }


def make_summary(results: Results) -> Summary:
    """As `run.summarise` makes it."""
    rates = bd_rates(results, "psnr-rgb")
    return Summary(
        folder="kodak",
        images=tuple(image.name for image in kodak_images()),
        kodak=True,
        codecs=tuple(results),
        absent={"jxl": "No module named 'pillow_jxl'"},
        failed={},
        one_run=True,
        bd_rates={"psnr-rgb": rates, "ms-ssim-rgb-db": rates, "ssimulacra2": {}},
        conditions=CONDITIONS,
    )


def make_crop() -> Crop:
    """Three flat pictures that are easy to tell apart: red, green, blue."""
    uris = [
        data_uri(np.full((64, 64, 3), colour, np.uint8))
        for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    ]
    names = ("Original", "vaecodec", "JPEG 4:2:0")
    versions = tuple(
        Shown(name, uri, 0.3, {} if name == "Original" else {"psnr-rgb": 30.0})
        for name, uri in zip(names, uris, strict=True)
    )
    return Crop("kodim04.webp", 0.3, 64, 64, versions)
