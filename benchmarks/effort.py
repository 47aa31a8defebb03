"""What more time for compressing brings: our efforts, AVIF's speeds, JPEG XL's efforts.

In: a folder of pictures. Out: `results/effort.json`, `docs/effort.png`, and the table
in `docs/quality.md`: for each setting the processor time of compressing, and how many
more or fewer bits its files need than AVIF at speed 6 for the same SSIMULACRA2 at low
rates. Without a folder, picture and table are made of the results that are there;
`--check` (a test runs it) writes nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import numpy as np

from benchmarks.effort_records import Effort, Row
from benchmarks.plot_effort import table, write_plot
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from benchmarks.update_readme import update_block
from vaecodec.benchmark.codecs.avif import Avif
from vaecodec.benchmark.codecs.jxl import JpegXl
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.images import list_images, load_image
from vaecodec.benchmark.json_files import read_record, write_json
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.codec.search.ssimulacra2 import Ssimulacra2

RESULT, PICTURE = RESULTS / "effort.json", ROOT / "docs" / "effort.png"
PAGE = ROOT / "docs" / "quality.md"


@dataclass(frozen=True)
class Setting:
    """A codec at one effort, and the qualities that it is asked for."""

    family: str
    level: str
    make: Callable[[], Codec]
    qualities: tuple[int, ...]


def settings() -> Iterator[Setting]:
    """All of them, each family from the fastest to the slowest."""
    for model in ("standard", "psnr"):
        for effort in (2, 3):
            yield Setting(
                f"vaecodec, {model}",
                f"effort {effort}",
                partial(Vaecodec, model, effort=effort),
                (15, 25, 35, 45, 55),
            )
    for speed in (8, 6, 4):
        yield Setting(
            "AVIF 4:4:4",
            f"speed {speed}",
            partial(Avif, "4:4:4", speed=speed),
            (10, 20, 30, 40, 50),
        )
    for effort in (3, 5, 7):
        yield Setting(
            "JPEG XL",
            f"effort {effort}",
            partial(JpegXl, effort=effort),
            (5, 15, 30, 45, 60),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__)
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER")
    parser.add_argument("--limit", type=int, metavar="N", help="only N pictures")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    if options.folder:
        write_json(RESULT, measured(options.folder, options.limit))
    result = read_record(Effort, RESULT)
    if not options.check:
        write_plot(result, PICTURE)
    command = "python -m benchmarks.effort"
    return update_block(
        PAGE, "effort", table(result), check=options.check, command=command
    )


def measured(folder: Path, limit: int | None) -> Effort:
    """The settings with the pictures of a folder."""
    paths = list_images(folder)[:limit]
    pictures = [load_image(path).pixels for path in paths]
    judges = [Ssimulacra2(pixels) for pixels in pictures]
    with click.progressbar(
        list(settings()), label="Compressing", file=sys.stderr
    ) as bar:
        rows = tuple(row_of(each, pictures, judges) for each in bar)
    return Effort(len(paths), rows, conditions(threads=1))


def row_of(
    setting: Setting, pictures: Sequence[Pixels], judges: Sequence[Ssimulacra2]
) -> Row:
    """Figures of one setting."""
    codec = setting.make()
    codec.compress(pictures[0][:64, :64], setting.qualities[0])  # loads what it needs
    seconds, found = 0.0, []
    for pixels, judge in zip(pictures, judges, strict=True):
        points = []
        for quality in setting.qualities:
            start = time.process_time()
            data = codec.compress(pixels, quality)
            seconds += time.process_time() - start
            shown = codec.decompress(data)
            bpp = 8 * len(data) / (pixels.shape[0] * pixels.shape[1])
            points.append((bpp, psnr_db(pixels, shown), judge.score(shown)))
        found.append(points)
    bpp, psnr, score = np.mean(found, axis=0).T.round(4).tolist()
    megapixels = sum(p.shape[0] * p.shape[1] for p in pictures) / 1e6
    each = seconds / megapixels / len(setting.qualities)
    name = setting.family, setting.level
    return Row(*name, round(each, 4), tuple(bpp), tuple(psnr), tuple(score))


if __name__ == "__main__":
    sys.exit(main())
