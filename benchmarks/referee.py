"""What a judge says that no model was trained on: Butteraugli.

In: folders of images. Out: `results/referee.json`: the mean score of each codec at each
quality and BD-rates by this score. It was chosen before any model was trained for the
eye, so that a gain in the measure that is trained on can be told from a gain.

Scores come from the program `butteraugli_main` of libjxl (Debian: `libjxl-devtools`),
whose 3-norm is 0 for equal images; `score` is its negative logarithm to the base of 2,
since it falls with the rate about as a step size does. Nothing else needs the program.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from math import log2
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from benchmarks.conditions import RESULTS, conditions
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.codecs import make_codec, shipped_models
from vaecodec.benchmark.curves import curve_of
from vaecodec.benchmark.entry import Pixels
from vaecodec.benchmark.images import list_images, load_image
from vaecodec.benchmark.metrics import bits_per_pixel
from vaecodec.benchmark.results import write_json

PROGRAM = "butteraugli_main"
QUALITIES = {
    "vaecodec": (25, 40, 55, 70, 82, 92),
    "vaecodec-psnr": (20, 35, 50, 65, 80, 95),
    "avif-444": (15, 30, 45, 60, 75, 90),
    "jxl": (15, 35, 55, 75, 85, 94),
}
OURS = tuple(shipped_models())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "referee.json")
    options = parser.parse_args(arguments)
    if shutil.which(PROGRAM) is None:
        parser.error(f"{PROGRAM} is not installed (Debian: libjxl-devtools)")
    paths = [path for folder in options.folders for path in list_images(folder)]
    with click.progressbar(paths, label="Refereeing", file=sys.stderr) as bar:
        rows = [measure(load_image(path).pixels) for path in bar]
    result = {
        "model_ids": {key: make_codec(key).model_id() for key in OURS},  # type: ignore[attr-defined]
        "image_count": len(paths),
        **summarise(rows),
        "conditions": conditions(),
    }
    write_json(options.output, result)
    for key in OURS:
        for other, row in result["against"][key].items():
            print(f"{key} against {other}: {row.get('percent', row)} %")
    return 0


def measure(pixels: Pixels) -> dict[str, list[dict[str, float]]]:
    """Rate and score of one image, by codec, at each of its qualities."""
    codecs = {key: make_codec(key) for key in QUALITIES}
    height, width, _ = pixels.shape
    rows: dict[str, list[dict[str, float]]] = {key: [] for key in QUALITIES}
    for key, codec in codecs.items():
        for quality in QUALITIES[key]:
            data = codec.compress(pixels, quality)
            rate = bits_per_pixel(len(data), width=width, height=height)
            score = -log2(three_norm(pixels, codec.decompress(data)))
            rows[key].append({"quality": quality, "bpp": rate, "score": score})
    return rows


def three_norm(original: Pixels, decoded: Pixels) -> float:
    """Butteraugli's distance of two images uint8 [H, W, 3], pooled by the 3-norm."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}.png" for name in ("original", "decoded")]
        for file, samples in zip(files, (original, decoded), strict=True):
            Image.fromarray(samples).save(file, compress_level=0)
        run = subprocess.run(
            [PROGRAM, *files], capture_output=True, text=True, check=True
        )
    found = re.search(r"3-norm: ([\d.]+)", run.stdout)
    if found is None:
        raise ValueError(f"{PROGRAM} named no 3-norm: {run.stdout[:200]!r}")
    return float(found[1])


def summarise(rows: list[dict[str, list[dict[str, float]]]]) -> dict[str, Any]:
    """Means over the images, and BD-rates of our models against the other codecs."""
    means = {
        key: [
            {
                name: round(float(np.mean([point[name] for point in points])), 5)
                for name in points[0]
            }
            for points in zip(*(row[key] for row in rows), strict=True)
        ]
        for key in rows[0]
    }
    curves = {key: curve_of(key, points, "score") for key, points in means.items()}
    others = {key: curve for key, curve in curves.items() if key not in OURS}
    against = {key: comparisons(curves[key], others) for key in OURS}
    return {"metric": "Butteraugli, 3-norm", "means": means, "against": against}


if __name__ == "__main__":
    sys.exit(main())
