"""Do the borders of tiles and windows show? The same pixels, at a border and away.

Out: `results/seams.json`: for each quality the PSNR of all samples within two pixels of
a border of a tile or window, and the PSNR of the same samples when the image begins
half a tile earlier, so that the borders lie elsewhere. The picture is the same both
times, so the difference is due to the borders alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import vaecodec
from benchmarks.photographs import large_photograph
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions
from vaecodec.codec.geometry.windows import windows
from vaecodec.codec.search.distortion import mse_255, psnr_from_mse
from vaecodec.format.header import DEFAULT_TILE_LOG2, ImageHeader
from vaecodec.models.sizes import CELL

QUALITIES = (10, 50, 90)
TILE = 1 << DEFAULT_TILE_LOG2
SHIFT = TILE // 2
STRIPE = 2  # pixels on either side of a border


@dataclass(frozen=True)
class Seam:
    """One quality: the samples at borders, and the same ones away from borders."""

    quality: int
    border_psnr_db: float
    same_samples_inside_psnr_db: float
    difference_db: float
    samples: int


@dataclass(frozen=True)
class Seams:
    """The result file."""

    qualities: tuple[Seam, ...]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "seams.json")
    options = parser.parse_args(arguments)
    image = np.asarray(large_photograph(4000, 3000))
    rows = tuple(measure(image, quality) for quality in QUALITIES)
    for row in rows:
        print(row)
    write_json(options.output, Seams(rows, conditions()))
    return 0


def measure(image: NDArray[np.uint8], quality: int) -> Seam:
    """PSNR of the border samples of `image` and of its shifted copy, in dB."""
    print(f"quality {quality}", file=sys.stderr)
    decoded = [
        vaecodec.decode(vaecodec.encode(part, quality, lossless=False))
        for part in (image, np.ascontiguousarray(image[SHIFT:, SHIFT:]))
    ]
    here = near_borders(image.shape[:2])[SHIFT:, SHIFT:]
    elsewhere = near_borders(decoded[1].shape[:2])
    chosen = here & ~elsewhere
    original = image[SHIFT:, SHIFT:][chosen]
    border = psnr_from_mse(mse_255(original, decoded[0][SHIFT:, SHIFT:][chosen]))
    inside = psnr_from_mse(mse_255(original, decoded[1][chosen]))
    return Seam(
        quality=quality,
        border_psnr_db=round(border, 3),
        same_samples_inside_psnr_db=round(inside, 3),
        difference_db=round(border - inside, 3),
        samples=original.size,
    )


def near_borders(shape: Sequence[int]) -> NDArray[np.bool_]:
    """Bool [H, W]: within STRIPE pixels of an inner border of a tile or window."""
    height, width = shape
    ids = b"anything", bytes(4)
    header = ImageHeader(width, height, 3, 50, DEFAULT_TILE_LOG2, 1, *ids)
    every = list(windows(header, cell=CELL, reach=0))  # cores do not depend on it
    rows, columns = (
        _near(
            length,
            {*range(0, length, TILE), *(window.start(axis) for window in every)},
        )
        for axis, length in enumerate(shape)
    )
    return rows[:, None] | columns


def _near(length: int, lines: Iterable[int]) -> NDArray[np.bool_]:
    near = np.zeros(length, bool)
    for line in lines:
        if line:
            near[line - STRIPE : line + STRIPE] = True
    return near


if __name__ == "__main__":
    sys.exit(main())
