"""The picture at the top of the README: one photograph beside AVIF at equal bytes.

In: a photograph from a wheel, the default model. Out: docs/front.webp, the numbers in
`results/front_picture.json`, and its caption in the README. Run it again for a new
model.

`--check` (a test runs it) measures nothing and fails when the README says anything else
than the numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import vaecodec
from benchmarks.contact_sheets import CHOSEN, CROP
from benchmarks.photographs import wheel_photograph
from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from benchmarks.sheets import Cell, draw_sheet, write_webp
from benchmarks.update_readme import update_block
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.benchmark.equal_bytes import Version, of_equal_size, version
from vaecodec.benchmark.json_files import named, read_record, write_json
from vaecodec.benchmark.metrics import Judge
from vaecodec.benchmark.records import Conditions

NAME = "chelsea"
RATE = 0.15  # bits per pixel
OTHER = "avif-444"
MOST_BYTES = 80_000
COMMAND = "python -m benchmarks.front_picture"


@dataclass(frozen=True)
class ShownFile:
    """A whole file."""

    size: int = field(metadata=named("bytes"))
    bpp: float
    ssimulacra2: float


@dataclass(frozen=True)
class FrontPicture:
    """The result file; `files` are by the name of the codec."""

    picture: str
    model_id: str
    files: Mapping[str, ShownFile]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if not options.check:
        made = measure()
        write_webp(draw_sheet([cells(made)]), options.picture, most_bytes=MOST_BYTES)
        write_json(options.result, facts(made))
    block = render(read_record(FrontPicture, options.result))
    return update_block(
        options.page, "picture", block, check=options.check, command=COMMAND
    )


def measure() -> dict[str, Version]:
    """The photograph by this codec and by the other one, by the names of the codecs."""
    picture = wheel_photograph(NAME)
    judge, own, other = Judge(picture), Vaecodec(), make_codec(OTHER)
    data = vaecodec.compress(picture, target_bpp=RATE, lossless=False)
    ours = version(data, own, judge)
    beside = of_equal_size(ours.size, other, picture, judge)
    return {own.name: ours, other.name: beside}


def cells(made: dict[str, Version]) -> list[Cell]:
    """The part that is shown, the original first."""
    left, top = CHOSEN[NAME]
    part = slice(top, top + CROP), slice(left, left + CROP)
    return [
        Cell(wheel_photograph(NAME)[part], "original"),
        *(
            Cell(version.samples[part], f"{name}: {version.size:,} bytes")
            for name, version in made.items()
        ),
    ]


def facts(made: dict[str, Version]) -> FrontPicture:
    """What is stored: sizes and scores of the whole files."""
    files = {
        name: ShownFile(
            size=version.size,
            bpp=round(version.bits_per_pixel, 4),
            ssimulacra2=round(version.scores["ssimulacra2"] or 0, 2),
        )
        for name, version in made.items()
    }
    return FrontPicture(NAME, Vaecodec().model_id(), files, conditions())


def render(shown: FrontPicture) -> str:
    """The picture and its caption, in Markdown."""
    files = shown.files
    sizes = [f"{name}, {file.size:,} bytes" for name, file in files.items()]
    said = "; ".join(
        f"{size} (SSIMULACRA2 {file.ssimulacra2:.1f})"
        for size, file in zip(sizes, files.values(), strict=True)
    )
    return (
        f"![{shown.picture}: the original; {'; '.join(sizes)}](docs/front.webp)\n\n"
        f"From left to right: a part of the original; {said}. The sizes are of whole "
        "files. Of six photographs this is the one that suits us best; "
        "[here are all six](docs/contact-sheets.md), including those where AVIF wins."
    )


def _parser() -> argparse.ArgumentParser:
    parser = script_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="measure nothing")
    parser.add_argument("--page", type=Path, default=ROOT / "README.md")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "front.webp")
    parser.add_argument(
        "--result", type=Path, default=RESULTS / "front_picture.json", metavar="JSON"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
