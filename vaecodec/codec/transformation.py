"""Image <-> symbols of its tiles: the float half of both directions.

Out: the whole image is analysed in windows; then each group of the latent in turn gets
its means (from the engine) and its tables (from the entropy coder), and is quantised,
because both depend for the second group on the symbols of the first. Back: symbols are
synthesised in windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.symbol_planes import PATCHES, SymbolPlanes, at
from vaecodec.codec.tiling import Tile, cell_grid, tiles
from vaecodec.codec.windows import Window, scaled, windows
from vaecodec.engine.engine import CELL
from vaecodec.entropy.checkerboard import group_of
from vaecodec.entropy.scale_networks import Features
from vaecodec.entropy.symbols import TileSymbols
from vaecodec.format.header import ImageHeader

IndexesOf = Callable[[int, Tile], NDArray[np.uint8]]


def analyze(
    image: NDArray[np.uint8], header: ImageHeader, model: CodecModel
) -> list[TileSymbols]:
    """Symbols of every tile of an image [H, W, 3]."""
    planes = _empty_planes(header, model)
    steps = _analyze_windows(image, planes, header, model)
    features: list[Features] = []

    def first_indexes(_: int, tile: Tile) -> NDArray[np.uint8]:
        hyper_symbols = planes.cut(tile).hyper_symbols
        indexes, feature = model.coder.first_indexes(
            hyper_symbols, tile.shape, quality=header.quality
        )
        features.append(feature)
        return indexes

    def second_indexes(number: int, tile: Tile) -> NDArray[np.uint8]:
        first_symbols = planes.cut(tile).latent_symbols
        return model.coder.second_indexes(
            features[number], first_symbols, quality=header.quality
        )

    _quantize_group(0, first_indexes, steps, planes, header, model)
    _quantize_group(1, second_indexes, steps, planes, header, model)
    return [planes.cut(tile) for tile in tiles(header)]


def synthesize(
    symbols: Sequence[TileSymbols], header: ImageHeader, model: CodecModel
) -> NDArray[np.uint8]:
    """Inverse of `analyze`, with loss: the image [H, W, 3]."""
    planes = _empty_planes(header, model)
    for tile, part in zip(tiles(header), symbols, strict=True):
        planes.place(tile, part)
    image = np.empty((header.height, header.width, 3), np.uint8)
    for window in _windows(header):
        seen = model.engine.synthesize(
            *_seen_symbols(planes, window), quality=header.quality
        )
        core = seen[window.core_within(CELL)]
        target = image[scaled(window.core, CELL)]
        target[:] = core[: target.shape[0], : target.shape[1]]
    return image


def _analyze_windows(
    image: NDArray[np.uint8],
    planes: SymbolPlanes,
    header: ImageHeader,
    model: CodecModel,
) -> NDArray[np.float32]:
    """Fill in the hyper-symbols; return the latent in steps [M, 4 R, 4 C]."""
    steps = np.empty(planes.latent_symbols.shape, np.float32)
    for window in _windows(header):
        seen_steps, seen_hyper = model.engine.analyze(
            _seen_pixels(image, window), quality=header.quality
        )
        at(steps, scaled(window.core, PATCHES))[:] = at(
            seen_steps, window.core_within(PATCHES)
        )
        at(planes.hyper_symbols, window.core)[:] = at(seen_hyper, window.core_within(1))
    return steps


def _quantize_group(
    group: int,
    indexes_of: IndexesOf,
    steps: NDArray[np.float32],
    planes: SymbolPlanes,
    header: ImageHeader,
    model: CodecModel,
) -> None:
    """Fill in the symbols of one group: 0 the first, 1 the second."""
    residual = np.empty_like(steps)
    for window in _windows(header):
        means = model.engine.means(
            *_seen_symbols(planes, window), quality=header.quality
        )
        core = scaled(window.core, PATCHES)
        np.subtract(
            at(steps, core),
            at(means, window.core_within(PATCHES)),
            out=at(residual, core),
        )
    for number, tile in enumerate(tiles(header)):
        place = at(planes.latent_symbols, tile.patches)
        outside = group_of(place.shape) != group
        part = at(residual, tile.patches)
        part[outside] = 0  # so that no symbols are weighed there
        place += model.quantize(part, indexes_of(number, tile), header.quality)


def _windows(header: ImageHeader) -> Iterator[Window]:
    return windows(*cell_grid(header))


def _empty_planes(header: ImageHeader, model: CodecModel) -> SymbolPlanes:
    return SymbolPlanes(
        header,
        hyper_channels=model.coder.hyper_channels,
        latent_channels=model.coder.latent_channels,
    )


def _seen_pixels(image: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """Pixels of a window; beyond the image its last row and column are repeated."""
    area = scaled(window.seen, CELL)
    inside = image[area]
    missing = [
        part.stop - part.start - size
        for part, size in zip(area, inside.shape, strict=False)
    ]
    return np.pad(inside, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="edge")


def _seen_symbols(
    planes: SymbolPlanes, window: Window
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    return (
        np.ascontiguousarray(at(planes.hyper_symbols, window.seen)),
        np.ascontiguousarray(at(planes.latent_symbols, scaled(window.seen, PATCHES))),
    )
