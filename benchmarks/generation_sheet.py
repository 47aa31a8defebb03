"""What a model makes up: one sheet for docs/samples.md.

In: a model, two photographs from wheels. Out: a WebP file with draws from the prior,
variations of a photograph, and the way from it to the other one. Run it again for a new
model.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.photographs import wheel_photograph
from benchmarks.script import ROOT, script_parser
from benchmarks.sheets import Cell, draw_sheet, write_webp
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.models.architecture import Pixels
from vaecodec.training.generation import Dice, Generator, Latents, between

QUALITY = 50
SIDE = 192  # pixels
COLUMNS = 5
COOL = 0.6
# Names, left and top of the parts that are shown.
ENDS = (("astronaut", 130, 20), ("chelsea", 110, 30))
MOST_BYTES = 150_000

Row = list[Cell]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=ROOT / "docs" / "samples.webp")
    parser.add_argument("--model", metavar="FILE", help="default: the standard one")
    options = parser.parse_args(arguments)
    architecture = model_to_compress(options.model, threads=1).architecture
    rows = sheet_rows(Generator(architecture, QUALITY), *(part(*end) for end in ENDS))
    write_webp(draw_sheet(rows), options.output, most_bytes=MOST_BYTES)
    return 0


def part(name: str, left: int, top: int) -> Pixels:
    """A square of a photograph [SIDE, SIDE, 3]."""
    return wheel_photograph(name)[top : top + SIDE, left : left + SIDE]


def sheet_rows(maker: Generator, first: Pixels, second: Pixels) -> list[Row]:
    ends = maker.latents(first), maker.latents(second)
    steps = len(maker.architecture.steps)
    shares = np.linspace(0, 1, COLUMNS)
    return [
        drawn(maker, 1.0),
        drawn(maker, COOL),
        *(varied(maker, ends[0], kept) for kept in range(1, steps)),
        [Cell(maker.paint(between(*ends, s)), f"{s:.0%} of the way") for s in shares],
    ]


def drawn(maker: Generator, temperature: float) -> Row:
    """Images from the prior; the same seeds at every temperature."""
    caption = f"prior, temperature {temperature:g}"
    return [
        Cell(maker.draw(SIDE, dice(seed, temperature)), caption)
        for seed in range(COLUMNS)
    ]


def varied(maker: Generator, latents: Latents, kept: int) -> Row:
    """Images that keep the first steps, the first of them with nothing made up."""
    names = f"{kept} of {len(maker.architecture.steps)} steps kept"
    plain = Cell(maker.vary(latents, kept, dice(0, 0)), f"{names}, rest likeliest")
    made_up = [
        Cell(maker.vary(latents, kept, dice(seed, 1)), f"{names}, rest drawn")
        for seed in range(1, COLUMNS)
    ]
    return [plain, *made_up]


def dice(seed: int, temperature: float) -> Dice:
    return Dice(np.random.default_rng(seed), temperature)


if __name__ == "__main__":
    sys.exit(main())
