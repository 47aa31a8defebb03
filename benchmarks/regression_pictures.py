"""What the shipped models make of pictures that a codec easily spoils.

In: `regression_set`, and models by name. Out: `results/regression/MODEL.json`: scores
of each picture at several qualities, beside those of AVIF 4:4:4 at equal bytes. Of the
shipped models also docs/regression.md, with sheets of the pictures.

`--check` (a test runs it) measures nothing and fails when the page says anything else
than the results.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.regression_page import (
    OTHER,
    OWN,
    SHOWN_QUALITIES,
    FileFacts,
    PictureFiles,
    RegressionResult,
    render,
)
from benchmarks.regression_set import RegressionPicture, regression_pictures
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from benchmarks.sheets import Cell, draw_sheet, write_webp
from tools.generated_page import update_text
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.benchmark.equal_bytes import Version, of_equal_size, version
from vaecodec.benchmark.json_files import read_record, write_json
from vaecodec.benchmark.metrics import Judge
from vaecodec.models.library import SHIPPED

QUALITIES = (30, 50, 70, 90)
MOST_BYTES = 150_000  # of a sheet

Measured = dict[int, dict[str, Version]]  # by quality, then OWN or OTHER


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    page = options.docs / "regression.md"
    if options.check:
        return _update(page, options.results, check=True)
    watched = regression_pictures()
    made = {name: measure(name, watched) for name in options.models}
    for name, pictures in made.items():
        write_json(
            options.results / f"{Path(name).stem}.json",
            summarise(name, watched, pictures),
        )
    if [*made] == [*SHIPPED.values()]:
        _write_sheets(watched, made, options.docs / "regression")
        _update(page, options.results, check=False)
    return 0


def measure(model: str, watched: dict[str, RegressionPicture]) -> dict[str, Measured]:
    """All files, by picture."""
    own, other = Vaecodec(model), make_codec(OTHER)
    measured: dict[str, Measured] = {}
    for name, picture in watched.items():
        print(f"{model}: {name}", file=sys.stderr)
        judge, found = Judge(picture.samples), measured.setdefault(name, {})
        for quality in QUALITIES:
            made = version(own.compress(picture.samples, quality), own, judge)
            beside = of_equal_size(made.size, other, picture.samples, judge)
            found[quality] = {OWN: made, OTHER: beside}
    return measured


def summarise(
    model: str, watched: dict[str, RegressionPicture], measured: dict[str, Measured]
) -> RegressionResult:
    """What is stored of a model."""
    pictures = {
        name: tuple(
            PictureFiles(
                quality,
                {key: facts(watched[name], made) for key, made in versions.items()},
            )
            for quality, versions in found.items()
        )
        for name, found in measured.items()
    }
    model_id = Vaecodec(model).model_id()
    return RegressionResult(Path(model).stem, model_id, pictures, conditions())


def facts(picture: RegressionPicture, made: Version) -> FileFacts:
    """What is stored of one file."""
    scores = {
        metric: None if score is None else round(score, 3)
        for metric, score in made.scores.items()
    }
    if picture.noise is not None:
        scores |= smooth_errors(picture.samples, made.samples, noise=picture.noise)
    return FileFacts(made.size, scores)


def smooth_errors(
    original: NDArray[np.uint8], decoded: NDArray[np.uint8], *, noise: float
) -> dict[str, float | None]:
    """How a surface has changed, in levels.

    `largest_error` is that of a sample beyond the noise; `largest_mean_error` that of
    the mean of a channel over a row or a column, where noise hardly counts.
    """
    error = decoded.astype(float) - original
    means = (np.abs(error.mean(axis=axis)).max() for axis in (0, 1))
    return {
        "largest_error": round(float(np.abs(error).max()) - noise, 3),
        "largest_mean_error": round(float(max(means)), 3),
    }


def _update(page: Path, folder: Path, *, check: bool) -> int:
    paths = (folder / f"{name}.json" for name in SHIPPED.values())
    results = [read_record(RegressionResult, path) for path in paths]
    command = "python -m benchmarks.regression_pictures"
    return update_text(page, render(results), check=check, command=command)


def _write_sheets(
    watched: dict[str, RegressionPicture],
    made: dict[str, dict[str, Measured]],
    folder: Path,
) -> None:
    for name, picture in watched.items():
        rows = [
            [
                Cell(picture.samples, "original"),
                *(
                    _cell(f"{model} -q {quality}", found[name][quality][OWN])
                    for model, found in made.items()
                ),
                _cell("AVIF, as the first", made["standard"][name][quality][OTHER]),
            ]
            for quality in SHOWN_QUALITIES
        ]
        path = folder / f"{name}.webp"
        write_webp(draw_sheet(rows), path, most_bytes=MOST_BYTES)


def _cell(name: str, made: Version) -> Cell:
    return Cell(made.samples, f"{name}: {made.size} B")


def _parser() -> argparse.ArgumentParser:
    parser = script_parser(__doc__)
    parser.add_argument(
        "models",
        nargs="*",
        default=[*SHIPPED.values()],
        metavar="MODEL",
        help="names or files of models; without any: the shipped ones, and the page",
    )
    parser.add_argument("--check", action="store_true", help="measure nothing")
    parser.add_argument("--results", type=Path, default=RESULTS / "regression")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
