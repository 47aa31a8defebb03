"""Does the gain over other codecs hold beyond Kodak? On pictures never trained on.

In: folders. `screens` takes all of their images, `photographs` those that training with
these folders holds back. Out: `results/held_out/SET.json`: mean curves by all metrics,
BD-rates over all images and for each, and the image on which each model does worst.

Real files, as in `vaecodec benchmark`, of the codecs that have qualities for it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.image_sets import compare_codecs, lines, measure_files
from benchmarks.script import RESULTS, script_parser
from vaecodec.benchmark.codecs import entries, make_codec, shipped_models
from vaecodec.benchmark.images import list_images
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.metrics import COMPARED

SETS = ("screens", "photographs")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "held_out")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--model", help="model file to use, not the shipped models")
    options = parser.parse_args(arguments)
    qualities = chosen_qualities(one_model=bool(options.model))
    codecs = {key: make_codec(key, model=options.model) for key in qualities}
    measured = measure_files(pictures(options.set, options.folders), codecs, qualities)
    result = compare_codecs(options.set, measured, codecs, [*COMPARED])
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


if __name__ == "__main__":
    sys.exit(main())
