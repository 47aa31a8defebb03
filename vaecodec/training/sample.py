"""Draw images from the learned prior.

The model is a hierarchical variational autoencoder, so it generates: the symbols of
each step are drawn from the tables that those before it choose, and the painter turns
them into an image. That is decoding random bits. The contact sheet has one row per
quality; what hyper-latent and context have learned shows as surfaces, edges and colours
that hang together, where an untrained prior gives noise.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.entropy.frequency_tables import TableSet
from vaecodec.models.architecture import Indexes, Integers

QUALITIES = (10, 30, 50, 70, 90)
COLUMNS = 4
GAP = 8  # pixels between the images of a sheet


def sample(name: str | None, *, cells: int, seed: int, output: Path) -> None:
    """Write a sheet of images with sides of 64 `cells`, drawn from a model.

    Raises:
        ModelError: There is no model of this name or path, or it is damaged.
        OSError: The sheet cannot be written.
    """
    model = model_to_compress(name, threads=None)
    generator = np.random.default_rng(seed)
    rows = [
        [draw_image(model, quality, cells, generator) for _ in range(COLUMNS)]
        for quality in QUALITIES
    ]
    contact_sheet(rows).save(output)
    print(f"{output}: qualities {QUALITIES} from top to bottom")


def draw_image(
    model: CodecModel, quality: int, cells: int, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """One image uint8 [64 cells, 64 cells, 3] from the prior at `quality`."""
    architecture, side = model.architecture, 64 * cells
    everywhere = np.full((1, 1), quality, np.uint8)
    known = no_symbols(architecture, side, side)
    predictor = architecture.predictor(side, side, everywhere)
    for number, step in enumerate(architecture.steps):
        indexes = predictor.predict(number, known).indexes
        symbols = draw_symbols(architecture.tables, indexes, generator)
        held = symbols.clip(-step.limit, step.limit)
        predictor.scatter(number, held, known.planes[step.plane])
    return architecture.paint(predictor.latents(known), everywhere)


def draw_symbols(
    tables: TableSet, indexes: Indexes, generator: np.random.Generator
) -> Integers:
    """Independent symbols, each from the frequency table of its index."""
    symbols = np.zeros(indexes.shape, np.int16)
    for index in np.unique(indexes):
        table = tables.rows[index]
        places = indexes == index
        values = np.arange(len(table)) - len(table) // 2
        symbols[places] = generator.choice(
            values, size=int(places.sum()), p=table / table.sum()
        )
    return symbols


def contact_sheet(rows: list[list[NDArray[np.uint8]]]) -> Image.Image:
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
