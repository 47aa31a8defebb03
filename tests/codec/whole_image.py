"""The transformation with all of the image in memory: what walks must equal.

Windows and tiles are those of the package; nothing slides, nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import scaled
from vaecodec.codec.geometry.tiling import Tile, cell_grid, tiles
from vaecodec.codec.geometry.windows import Window, windows
from vaecodec.format.header import ImageHeader
from vaecodec.models.checkerboard.symbols import TileSymbols

Area = tuple[slice, slice]


def at(planes: NDArray[Any], area: Area) -> NDArray[Any]:
    return np.ascontiguousarray(planes[(slice(None), *area)])


def analyze_whole(
    image: NDArray[np.uint8], header: ImageHeader, model: CodecModel
) -> list[TileSymbols]:
    """Symbols of every tile of an image [H, W, 3], in the order of the file."""
    rows, columns = cell_grid(header)
    hyper = np.zeros((model.coder.hyper_channels, rows, columns), np.int16)
    shape = (model.coder.latent_channels, 4 * rows, 4 * columns)
    latent, steps = np.zeros(shape, np.int16), np.zeros(shape, np.float32)
    below, beside = 64 * rows - image.shape[0], 64 * columns - image.shape[1]
    whole = np.pad(image, [(0, below), (0, beside), (0, 0)], mode="edge")
    for window in windows(rows, columns):
        pixels = np.ascontiguousarray(whole[scaled(window.seen, 64)])
        found = model.engine.analyze(pixels, quality=header.quality)
        put(steps, found[0], window, 4)
        put(hyper, found[1], window, 1)
    features = {}

    def first(tile: Tile) -> NDArray[np.uint8]:
        indexes, features[tile.number] = model.coder.first_indexes(
            at(hyper, tile.cells), tile.shape, quality=header.quality
        )
        return indexes

    def second(tile: Tile) -> NDArray[np.uint8]:
        return model.coder.second_indexes(
            features[tile.number], at(latent, tile.patches), quality=header.quality
        )

    for group, indexes_of in enumerate((first, second)):
        quantize_group(group, indexes_of, hyper, latent, steps, header, model)
    return [
        TileSymbols(at(hyper, tile.cells), at(latent, tile.patches))
        for tile in tiles(header)
    ]


def quantize_group(
    group: int,
    indexes_of: Callable[[Tile], NDArray[np.uint8]],
    hyper: NDArray[np.int16],
    latent: NDArray[np.int16],
    steps: NDArray[np.float32],
    header: ImageHeader,
    model: CodecModel,
) -> None:
    means = np.empty_like(steps)
    for window in windows(*hyper.shape[1:]):
        seen = at(hyper, window.seen), at(latent, scaled(window.seen, 4))
        put(means, model.engine.means(*seen, quality=header.quality), window, 4)
    channel, row, column = np.indices(steps.shape, sparse=True)
    inside = (channel + row + column) % 2 == group
    residual = np.where(inside, steps - means, np.float32(0))
    for tile in tiles(header):
        part = model.quantize(
            at(residual, tile.patches), indexes_of(tile), header.quality
        )
        latent[(slice(None), *tile.patches)] += part


def synthesize_whole(
    symbols: Sequence[TileSymbols], header: ImageHeader, model: CodecModel
) -> NDArray[np.uint8]:
    """The image [H, W, 3]."""
    rows, columns = cell_grid(header)
    hyper = np.zeros((model.coder.hyper_channels, rows, columns), np.int16)
    latent = np.zeros((model.coder.latent_channels, 4 * rows, 4 * columns), np.int16)
    for tile, part in zip(tiles(header), symbols, strict=True):
        hyper[(slice(None), *tile.cells)] = part.hyper_symbols
        latent[(slice(None), *tile.patches)] = part.latent_symbols
    image = np.empty((64 * rows, 64 * columns, 3), np.uint8)
    for window in windows(rows, columns):
        seen = model.engine.synthesize(
            at(hyper, window.seen),
            at(latent, scaled(window.seen, 4)),
            quality=header.quality,
        )
        image[scaled(window.core, 64)] = seen[window.core_within(64)]
    return image[: header.height, : header.width]


def put(planes: NDArray[Any], seen: NDArray[Any], window: Window, scale: int) -> None:
    """Copy the core of what a window saw."""
    area, inner = scaled(window.core, scale), window.core_within(scale)
    planes[(slice(None), *area)] = seen[(slice(None), *inner)]
