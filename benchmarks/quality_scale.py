"""What score does a quality give? On photographs that training holds back.

In: the folders that the model learned from. Out: `results/quality_scale.json`: the mean
SSIMULACRA2 at each quality, its range over the pictures, and the mean rate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.conditions import RESULTS, conditions
from benchmarks.held_out import pictures
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.images import load_image
from vaecodec.benchmark.metrics import bits_per_pixel
from vaecodec.benchmark.results import write_json
from vaecodec.codec.search.ssimulacra2 import Ssimulacra2

QUALITIES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--model", help="model file to use")
    parser.add_argument(
        "-o", "--output", type=Path, default=RESULTS / "quality_scale.json"
    )
    options = parser.parse_args(arguments)
    model, paths = Vaecodec(options.model), pictures("photographs", options.folders)
    with click.progressbar(paths, label="Scoring", file=sys.stderr) as bar:
        points = [measure(load_image(path).pixels, model) for path in bar]
    rows = summarise(np.array(points))
    for row in rows:
        print("quality {quality}: {mean} ({lowest} to {highest})".format(**row))
    result = {
        "model_id": model.model_id(),
        "image_count": len(paths),
        "qualities": rows,
        "conditions": conditions(),
    }
    write_json(options.output, result)
    return 0


def measure(pixels: Pixels, codec: Codec) -> list[tuple[float, float]]:
    """Score and rate of one image at each of `QUALITIES`."""
    judge, (height, width, _) = Ssimulacra2(pixels), pixels.shape
    points = []
    for quality in QUALITIES:
        data = codec.compress(pixels, quality)
        rate = bits_per_pixel(len(data), width=width, height=height)
        points.append((judge.score(codec.decompress(data)), rate))
    return points


def summarise(points: np.ndarray[Any, np.dtype[np.float64]]) -> list[dict[str, float]]:
    """Scores and rates [image, quality, 2] -> a row for each quality."""
    scores, rates = np.moveaxis(points, -1, 0)
    return [
        {
            "quality": quality,
            "mean": round(float(column.mean()), 2),
            "lowest": round(float(column.min()), 1),
            "highest": round(float(column.max()), 1),
            "bpp": round(float(rate.mean()), 3),
        }
        for quality, column, rate in zip(QUALITIES, scores.T, rates.T, strict=True)
    ]


if __name__ == "__main__":
    sys.exit(main())
