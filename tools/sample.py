"""Draw images from the learned prior: `python tools/sample.py -o samples.png`.

The model is a hierarchical variational autoencoder, so it generates: hyper-symbols are
drawn from their tables, the first group of the latent given them, the second given
both, and synthesis turns the symbols into an image. That is decoding random bits. The
contact sheet has one row per quality; what hyper-latent and context have learned shows
as surfaces, edges and colours that hang together, where an untrained prior gives noise.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.models.checkerboard.board import group_places

QUALITIES = (10, 30, 50, 70, 90)
GAP = 8  # pixels between the images of a sheet


def main() -> None:
    options = _options()
    model = model_to_compress(options.model, threads=None)
    generator = np.random.default_rng(options.seed)
    rows = [
        [draw_image(model, quality, options.cells, generator) for _ in range(4)]
        for quality in QUALITIES
    ]
    contact_sheet(rows).save(options.output)
    print(f"{options.output}: qualities {QUALITIES} from top to bottom")


def draw_image(
    model: CodecModel, quality: int, cells: int, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """One image uint8 [64 cells, 64 cells, 3] from the prior at `quality`."""
    coder, side = model.coder, 4 * cells
    rows = coder.hyper_indexes[quality][:, None, None]
    shape = (coder.hyper_channels, cells, cells)
    hyper = draw_symbols(model, np.broadcast_to(rows, shape), generator).clip(-31, 31)
    indexes, features = coder.first_indexes(hyper, (side, side), quality=quality)
    first = draw_symbols(model, indexes, generator)
    indexes = coder.second_indexes(features, first, quality=quality)
    second = draw_symbols(model, indexes, generator)
    for place in group_places(1):
        first[place] = second[place]
    return model.engine.synthesize(hyper, first, quality=quality)


def draw_symbols(
    model: CodecModel, indexes: NDArray[np.uint8], generator: np.random.Generator
) -> NDArray[np.int16]:
    """Independent symbols int16, each from the frequency table of its index."""
    symbols = np.zeros(indexes.shape, np.int16)
    for index in np.unique(indexes):
        table = model.coder.tables.rows[index]
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


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--model", help="name or path; default: the one shipped")
    parser.add_argument("--cells", type=int, default=4, help="side in 64 pixels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=Path("samples.png"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
