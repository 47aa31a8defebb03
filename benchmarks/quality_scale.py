"""What score does a quality give? On photographs that training holds back.

In: the folders that the model learned from. Out: `results/quality_scale.json`: the mean
SSIMULACRA2 at each quality, its range over the pictures, and the mean rate.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.held_out import pictures
from benchmarks.image_sets import measure_files
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.benchmark.entry import Pixels
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions, ImageResult, Scores
from vaecodec.codec.search.ssimulacra2 import Ssimulacra2

QUALITIES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
METRIC = "ssimulacra2"


@dataclass(frozen=True)
class ScaleRow:
    """What one quality gives: scores over the pictures, and the mean rate."""

    quality: float
    mean: float
    lowest: float
    highest: float
    bpp: float


@dataclass(frozen=True)
class QualityScale:
    """The result file."""

    model_id: str
    image_count: int
    qualities: tuple[ScaleRow, ...]
    conditions: Conditions


class OneScore:
    """A judge that spares the other metrics."""

    def __init__(self, original: Pixels) -> None:
        self._judge = Ssimulacra2(original)

    def scores(self, decoded: Pixels) -> Scores:
        """SSIMULACRA2."""
        return {METRIC: self._judge.score(decoded)}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "quality_scale.json")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--model", help="model file to use")
    options = parser.parse_args(arguments)
    model, paths = Vaecodec(options.model), pictures("photographs", options.folders)
    key = model.name
    measured = measure_files(paths, {key: model}, {key: QUALITIES}, judge=OneScore)
    rows = tuple(scale(measured[key]))
    for row in rows:
        print(f"quality {row.quality}: {row.mean} ({row.lowest} to {row.highest})")
    result = QualityScale(model.model_id(), len(paths), rows, conditions())
    write_json(options.output, result)
    return 0


def scale(images: Sequence[ImageResult]) -> Iterator[ScaleRow]:
    """A row for each quality; all pictures have all of them."""
    for points in zip(*(image.points for image in images), strict=True):
        scores = [point.scores[METRIC] or 0 for point in points]
        yield ScaleRow(
            quality=points[0].quality,
            mean=round(fmean(scores), 2),
            lowest=round(min(scores), 1),
            highest=round(max(scores), 1),
            bpp=round(fmean(point.bpp for point in points), 3),
        )


if __name__ == "__main__":
    sys.exit(main())
