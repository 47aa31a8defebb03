"""Sheets of small pictures side by side, each with a line about it.

In: rows of `Cell`s. Out: an image, and a WebP file that is not larger than it may be.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GAP = 4
LINE = 16  # pixels of a caption
FONT_SIZE = 12
# Of the WebP files, best first: what a sheet shows must not come from the sheet.
QUALITIES = range(97, 40, -3)


class Cell(NamedTuple):
    """Samples uint8 [H, W, 3], and what to say of them."""

    samples: NDArray[np.uint8]
    caption: str


def draw_sheet(rows: Sequence[Sequence[Cell]]) -> Image.Image:
    """Cells of one size in rows; one caption above each."""
    height, width = rows[0][0].samples.shape[:2]
    step_x, step_y = width + GAP, height + LINE + GAP
    size = (len(rows[0]) * step_x - GAP, len(rows) * step_y - GAP)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            left, top = column * step_x, row * step_y
            draw.text((left, top), cell.caption, fill="black", font=font)
            sheet.paste(Image.fromarray(cell.samples), (left, top + LINE))
    return sheet


def write_webp(sheet: Image.Image, path: Path, *, most_bytes: int) -> int:
    """Write with the best quality that keeps to a size; return that quality.

    Raises:
        ValueError: No quality does.
    """
    for quality in QUALITIES:
        file = io.BytesIO()
        sheet.save(file, "WEBP", quality=quality, method=6)
        if len(file.getvalue()) <= most_bytes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.getvalue())
            return quality
    raise ValueError(f"{path}: more than {most_bytes} bytes at every quality")
