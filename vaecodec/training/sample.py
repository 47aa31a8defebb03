"""Sheets of images that a model makes up; see `generation`.

What a sheet shows depends on how many pictures are given:

    none   draws from the prior, a row for each of five qualities
    one    the picture as it comes back, and variations of it: those in the first row
           keep one step of the picture, those in each further row one more
    two    the way from one to the other through the latents, a row for each quality
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from vaecodec.benchmark.images import read_image
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.model_channels import RGB
from vaecodec.errors import ModelError
from vaecodec.models.architecture import Architecture, Pixels
from vaecodec.training.generation import Dice, Generator, between

MOST_PICTURES = 2
QUALITIES = (10, 30, 50, 70, 90)
VARIED_QUALITY = 50
COLUMNS = 4
CELL = 64  # pixels; a multiple of the cell of every grid
GAP = 8  # pixels between the images of a sheet

Rows = list[list[Pixels]]


def sample(
    name: str | None, paths: Sequence[Path], *, cells: int, dice: Dice, output: Path
) -> None:
    """Write a sheet of images with sides of 64 `cells`, made from 0..2 pictures.

    Raises:
        ModelError: There is no model of this name or path, or it is damaged.
        ImageError: A picture is damaged, or none.
        OSError: A picture cannot be read, or the sheet cannot be written.
    """
    side = CELL * cells
    pictures = [square_picture(path, side) for path in paths]
    architecture = model_to_compress(name, threads=None).architecture
    if (channels := architecture.channels) != RGB:
        raise ModelError(f"the model is for {channels} channels, samples are RGB")
    said = f"qualities {QUALITIES} from top to bottom"
    if not pictures:
        rows = draws(architecture, side, dice)
    elif len(pictures) == 1:
        rows = variations(architecture, pictures[0], dice)
        names = [step.name for step in architecture.steps[:-1]]
        said = f"last step that is kept, from top to bottom: {'; '.join(names)}"
    else:
        rows = ways(architecture, *pictures)
    contact_sheet(rows).save(output)
    print(f"{output}: {said}")


def square_picture(path: Path, side: int) -> Pixels:
    """The middle of a picture, scaled to [side, side, 3].

    Raises:
        ImageError: It is damaged, or none.
        OSError: It cannot be read.
    """
    path.open("rb").close()
    image = Image.fromarray(read_image(path))
    return np.asarray(ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS))


def draws(architecture: Architecture, side: int, dice: Dice) -> Rows:
    """Images from the prior."""
    makers = [Generator(architecture, quality) for quality in QUALITIES]
    return [[maker.draw(side, dice) for _ in range(COLUMNS)] for maker in makers]


def variations(architecture: Architecture, picture: Pixels, dice: Dice) -> Rows:
    """A picture, and images that have ever more steps in common with it."""
    maker = Generator(architecture, VARIED_QUALITY)
    latents = maker.latents(picture)
    painted = maker.paint(latents)
    return [
        [painted, *(maker.vary(latents, kept, dice) for _ in range(COLUMNS - 1))]
        for kept in range(1, len(architecture.steps))
    ]


def ways(architecture: Architecture, first: Pixels, second: Pixels) -> Rows:
    """Images from the first picture to the second, at equal distances."""
    rows = []
    for quality in QUALITIES:
        maker = Generator(architecture, quality)
        ends = maker.latents(first), maker.latents(second)
        shares = np.linspace(0, 1, COLUMNS)
        rows.append([maker.paint(between(*ends, share)) for share in shares])
    return rows


def contact_sheet(rows: Rows) -> Image.Image:
    """Images of one size, row by row on white."""
    height, width = rows[0][0].shape[:2]
    size = (
        len(rows[0]) * (width + GAP) + GAP,
        len(rows) * (height + GAP) + GAP,
    )
    sheet = Image.new("RGB", size, "white")
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            place = GAP + column * (width + GAP), GAP + row * (height + GAP)
            sheet.paste(Image.fromarray(image), place)
    return sheet
