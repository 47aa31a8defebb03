"""Does the gain over other codecs hold beyond Kodak? On pictures never trained on.

In: folders. `screens` takes all of their images, `photographs` those that training with
these folders holds back. Out: `results/held_out/SET.json`: mean curves by all metrics,
BD-rates over all images and for each, and the image on which each model does worst.

Real files, as in `vaecodec benchmark`, of the codecs that have qualities for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.conditions import RESULTS, conditions
from vaecodec.benchmark.codecs import entries, is_own, make_codec, shipped_models
from vaecodec.benchmark.entry import Codec
from vaecodec.benchmark.images import list_images, load_image
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.results import failures, means, write_json
from vaecodec.benchmark.runner import measure_images
from vaecodec.benchmark.sources import model_id
from vaecodec.benchmark.spread import bd_rates
from vaecodec.benchmark.write import bd_rate_table

SETS = ("screens", "photographs")

Rows = dict[str, list[dict[str, Any]]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--model", help="model file to use, not the shipped models")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "held_out")
    options = parser.parse_args(arguments)
    qualities = chosen_qualities(one_model=bool(options.model))
    codecs = {key: make_codec(key, model=options.model) for key in qualities}
    paths = pictures(options.set, options.folders)
    with click.progressbar(
        length=len(paths), label=options.set, file=sys.stderr
    ) as bar:
        images = map(load_image, paths)
        rows = measure_images(images, codecs, qualities, done=bar.update)
    result = {
        "set": options.set,
        "image_count": len(paths),
        **summarise(rows, codecs),
        "conditions": conditions(),
    }
    write_json(options.output / f"{options.set}.json", result)
    print("\n".join(lines(result)))
    return 0


def chosen_qualities(*, one_model: bool) -> dict[str, Sequence[float]]:
    """By codec, for all codecs that are measured on other pictures than Kodak."""
    left_out = [*shipped_models()][1:] if one_model else []
    return {
        key: entry.held_out_qualities
        for key, entry in entries().items()
        if entry.held_out_qualities and key not in left_out
    }


def pictures(chosen: str, folders: list[Path]) -> list[Path]:
    """The files to measure."""
    if chosen == "screens":
        return [path for folder in folders for path in list_images(folder)]
    from vaecodec.training.photographs import split_files  # which imports torch

    return split_files(folders)[1]


def summarise(rows: Rows, codecs: dict[str, Codec]) -> dict[str, Any]:
    """Mean curves, and what each model is worth against each other codec.

    Raises:
        ValueError: A codec failed.
    """
    for key, measured in rows.items():
        if failed := failures(measured):
            raise ValueError(f"{key}: {failed[0]}")
    results: dict[str, dict[str, Any]] = {
        key: {
            "name": codecs[key].name,
            "settings": codecs[key].settings,
            "means": means(measured),
            "images": measured,
        }
        for key, measured in rows.items()
    }
    kept = ("quality", "bpp", *COMPARED)
    return {
        "codecs": {
            key: {"name": result["name"], "settings": result["settings"]}
            for key, result in results.items()
        },
        "models": {
            key: found for key, codec in codecs.items() if (found := model_id(codec))
        },
        "means": {
            key: [{k: mean[k] for k in kept if k in mean} for mean in result["means"]]
            for key, result in results.items()
        },
        "bd_rates": {metric: _own_rates(results, metric) for metric in COMPARED},
    }


def lines(result: dict[str, Any]) -> Iterable[str]:
    """A table for each model."""
    for key in result["models"]:
        yield from bd_rate_table(key, result["codecs"], result["bd_rates"])


def _own_rates(results: dict[str, dict[str, Any]], metric: str) -> dict[str, Any]:
    rates = bd_rates(results, metric)
    return {key: row for key, row in rates.items() if is_own(key)}


if __name__ == "__main__":
    sys.exit(main())
