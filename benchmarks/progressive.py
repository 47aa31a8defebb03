"""What each coding step adds to an image, and what payloads of their own cost.

In: a folder of pictures. Out: `results/progressive.json`: for some qualities, after
each step the mean PSNR, SSIMULACRA2 and share of the file; and how much larger files
with a payload for each step are than those whose tiles have a single one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.images import list_images, load_image
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions
from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.image_coding import decode_with, encode_as, header_for
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.codec.search.ssimulacra2 import Ssimulacra2
from vaecodec.format.container import parse_file

QUALITIES = (30, 50, 70, 90)

Samples = NDArray[np.uint8]


@dataclass(frozen=True)
class StepRow:
    """The image after one step; means over the pictures."""

    name: str
    share_of_file: float
    psnr: float
    ssimulacra2: float


@dataclass(frozen=True)
class QualityRow:
    """All steps at one quality."""

    quality: int
    steps: tuple[StepRow, ...]
    separate_payloads_cost_percent: float


@dataclass(frozen=True)
class Progressive:
    """The result file."""

    image_count: int
    qualities: tuple[QualityRow, ...]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "progressive.json")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    model = model_to_compress(None, threads=1)
    paths = list_images(options.folder)
    with click.progressbar(paths, label="Decoding", file=sys.stderr) as bar:
        measured = [measure(load_image(path).pixels, model) for path in bar]
    rows = tuple(summarise(measured, [step.name for step in model.architecture.steps]))
    for row in rows:
        print(row)
    write_json(options.output, Progressive(len(paths), rows, conditions()))
    return 0


def measure(
    pixels: Samples, model: CodecModel
) -> tuple[list[list[list[float]]], list[float]]:
    """Figures by quality and step, and what payloads of their own cost by quality."""
    judge, points, costs = Ssimulacra2(pixels), [], []
    for quality in QUALITIES:
        header = header_for(model, pixels, quality)
        data = encode_as(header, model, pixels)
        fused = encode_as(replace(header, rounds=1), model, pixels)
        costs.append(len(data) / len(fused) - 1)
        file, figures = parse_file(data), []
        for steps in range(1, header.rounds + 1):
            shown = decode_with(model, file, steps=steps)
            later = sum(len(p) for tile in file.payloads for p in tile[steps:])
            score = judge.score(shown)
            figures.append([len(data) - later, psnr_db(pixels, shown), score])
        points.append(figures)
    return points, costs


def summarise(
    measured: Sequence[tuple[list[list[list[float]]], list[float]]],
    names: Sequence[str],
) -> Iterator[QualityRow]:
    """What `measure` found in each picture -> a row for each quality."""
    means = np.mean([points for points, _ in measured], axis=0)  # [quality, step, 3]
    costs = 100 * np.mean([cost for _, cost in measured], axis=0)
    for quality, steps, cost in zip(QUALITIES, means, costs, strict=True):
        whole = float(steps[-1, 0])
        rows = (
            StepRow(name, round(size / whole, 4), round(psnr, 2), round(score, 2))
            for name, (size, psnr, score) in zip(names, steps.tolist(), strict=True)
        )
        yield QualityRow(quality, tuple(rows), round(float(cost), 3))


if __name__ == "__main__":
    sys.exit(main())
