"""Does the gain over JPEG and WebP hold beyond Kodak? On pictures never trained on.

In: folders. `screens` takes all of their images, `photographs` those that training with
these folders holds back. Out: `results/held_out/SET.json`: mean curves, BD-rates over
all images and for each, and the image on which the model does worst.

Rate and PSNR, real files, as in `vaecodec benchmark`. JPEG is there in 4:4:4 as
well, since text and line art lose most by halved colour.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.conditions import RESULTS, conditions
from vaecodec.benchmark.bd_rate import compare, comparisons
from vaecodec.benchmark.codecs import Codec, Vaecodec, make_codec
from vaecodec.benchmark.curves import curve_of
from vaecodec.benchmark.images import list_images, load_image
from vaecodec.benchmark.results import failures, means, write_json
from vaecodec.benchmark.runner import measure_images

SETS = ("screens", "photographs")
METRIC = "psnr-rgb"
QUALITIES = {
    "vaecodec": (5, 20, 35, 50, 65, 80, 95),
    "jpeg-420": (5, 15, 30, 50, 70, 85, 95),
    "jpeg-444": (5, 15, 30, 50, 70, 85, 95),
    "webp": (0, 10, 30, 50, 70, 85, 95),
}

Rows = dict[str, list[dict[str, Any]]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--model", help="model file to use")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "held_out")
    options = parser.parse_args(arguments)
    model = Vaecodec(options.model)
    codecs: dict[str, Codec] = {key: make_codec(key) for key in QUALITIES}
    codecs["vaecodec"] = model
    paths = pictures(options.set, options.folders)
    with click.progressbar(
        length=len(paths), label=options.set, file=sys.stderr
    ) as bar:
        images = map(load_image, paths)
        rows = measure_images(images, codecs, QUALITIES, done=bar.update)
    result = {
        "set": options.set,
        "model_id": model.model_id(),
        "image_count": len(paths),
        **summarise(rows, codecs),
        "conditions": conditions(),
    }
    write_json(options.output / f"{options.set}.json", result)
    print("\n".join(lines(result)))
    return 0


def pictures(chosen: str, folders: list[Path]) -> list[Path]:
    """The files to measure."""
    if chosen == "screens":
        return [path for folder in folders for path in list_images(folder)]
    from vaecodec.model.photographs import split_files  # which imports torch

    return split_files(folders)[1]


def summarise(rows: Rows, codecs: dict[str, Codec]) -> dict[str, Any]:
    """Mean curves, and what vaecodec is worth against each other codec.

    Raises:
        ValueError: A codec failed.
    """
    for key, measured in rows.items():
        if failed := failures(measured):
            raise ValueError(f"{key}: {failed[0]}")
    curves = {key: means(measured) for key, measured in rows.items()}
    others = {key: curve_of(codecs[key].name, curves[key], METRIC) for key in rows}
    against = comparisons(others.pop("vaecodec"), others)
    return {
        "codecs": {key: codec.settings for key, codec in codecs.items()},
        "means": {
            key: [{k: point[k] for k in ("quality", "bpp", METRIC)} for point in points]
            for key, points in curves.items()
        },
        "against": {
            key: {**against[key], **by_image(rows["vaecodec"], rows[key])}
            for key in others
        },
    }


def by_image(
    tested: list[dict[str, Any]], anchor: list[dict[str, Any]]
) -> dict[str, Any]:
    """BD-rate of each image that can be compared, and the worst of them."""
    percents: dict[str, float | None] = {}
    for own, other in zip(tested, anchor, strict=True):
        curves = (curve_of("", row["points"], METRIC) for row in (own, other))
        try:
            percents[own["name"]] = round(compare(*curves).percent, 2)
        except ValueError:
            percents[own["name"]] = None
    known = {name: value for name, value in percents.items() if value is not None}
    worst = max(known, key=lambda name: known[name], default=None)
    return {"images": percents, "worst_image": worst}


def lines(result: dict[str, Any]) -> Iterable[str]:
    """What is worth saying, for each codec that vaecodec was compared with."""
    for key, row in result["against"].items():
        if "refused" in row:
            yield f"{key}: {row['refused']}"
            continue
        images, worst = row["images"], row["worst_image"]
        yield (
            f"against {key}: {row['percent']:+.1f} % over {row['low']:.1f} to "
            f"{row['high']:.1f} dB; worst {worst}: {images[worst]:+.1f} %"
        )


if __name__ == "__main__":
    sys.exit(main())
