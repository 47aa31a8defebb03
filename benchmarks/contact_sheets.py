"""The same part of a picture out of several codecs, at equal bytes, to look at.

In: image files, or none for six photographs from wheels that were chosen before any
result was seen. Out: a WebP file for each: a row for each rate, in the columns the
original, vaecodec, AVIF 4:4:4 and JPEG XL. Above each stand the rate and SSIMULACRA2 of
the whole picture. What a sheet shows is judged by hand: docs/contact-sheets.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import vaecodec
from benchmarks.photographs import wheel_photograph
from benchmarks.script import ROOT, script_parser
from benchmarks.sheets import Cell, draw_sheet, write_webp
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.codecs.vaecodec import Vaecodec
from vaecodec.benchmark.crops import busiest_part
from vaecodec.benchmark.entry import Codec, Pixels
from vaecodec.benchmark.equal_bytes import Version, of_equal_size, version
from vaecodec.benchmark.images import read_image
from vaecodec.benchmark.metrics import Judge

RATES = (0.15, 0.4, 1.0)  # bits per pixel
OTHERS = ("avif-444", "jxl")
CROP = 256  # pixels, largest side of the part that is shown
MOST_BYTES = 200_000  # of a sheet
# Left and top of the part that is shown.
CHOSEN = {
    "astronaut": (110, 5),
    "coffee": (170, 70),
    "chelsea": (90, 40),
    "rocket": (170, 171),
    "china": (340, 140),
    "flower": (190, 85),
}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    model = Vaecodec(options.model)
    for name, picture, part in pictures(options.files):
        rows = list(sheet_rows(picture, part, model))
        if not rows:
            print(f"{name}: no file of vaecodec has any of the rates", file=sys.stderr)
            continue
        path = options.output / f"{name}.webp"
        quality = write_webp(draw_sheet(rows), path, most_bytes=MOST_BYTES)
        print(f"{path}: WebP quality {quality}, {path.stat().st_size} bytes")
    return 0


def pictures(
    files: Sequence[Path],
) -> Iterator[tuple[str, Pixels, tuple[slice, slice]]]:
    """Names, samples, and the rows and columns to show."""
    for path in files:
        picture = read_image(path)
        yield path.stem, picture, busiest_part(picture, CROP)
    for name, (left, top) in {} if files else CHOSEN.items():
        part = slice(top, top + CROP), slice(left, left + CROP)
        yield name, wheel_photograph(name), part


def sheet_rows(
    picture: Pixels, part: tuple[slice, slice], model: Vaecodec
) -> Iterator[list[Cell]]:
    """A row for each rate that the picture can have."""
    judge = Judge(picture)
    others = [make_codec(key) for key in OTHERS]
    for rate in RATES:
        try:
            data = vaecodec.compress(
                picture, target_bpp=rate, model=model.model, lossless=False
            )
        except vaecodec.TargetError as error:
            print(f"{rate} bpp: {error}", file=sys.stderr)
            continue
        own = version(data, model, judge)
        cells = [Cell(picture[part], f"original, {rate} bpp wanted")]
        cells.append(_cell(model, own, part))
        for codec in others:
            made = of_equal_size(own.size, codec, picture, judge)
            cells.append(_cell(codec, made, part))
        yield cells


def _cell(codec: Codec, made: Version, part: tuple[slice, slice]) -> Cell:
    score = made.scores["ssimulacra2"]
    said = "" if score is None else f", SSIMULACRA2 {score:.1f}"
    caption = f"{codec.name}: {made.bits_per_pixel:.3f} bpp{said}"
    return Cell(made.samples[part], caption)


def _parser() -> argparse.ArgumentParser:
    parser = script_parser(__doc__, output=ROOT / "docs" / "contact")
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    parser.add_argument("--model", help="name or file of a model")
    return parser


if __name__ == "__main__":
    sys.exit(main())
