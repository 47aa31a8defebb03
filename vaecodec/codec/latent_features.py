"""A file -> the latents of its image, without drawing any pixel.

Entropy decoding says what the symbols are and how large the model expected them to be;
with the means that were subtracted before rounding, that is what a painter draws from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.areas import area_of, covering
from vaecodec.codec.geometry.planes import on_plane
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import Tile
from vaecodec.codec.image_coding import read_tile
from vaecodec.codec.synthesis import drawn
from vaecodec.codec.tile_coder import DecodedTile
from vaecodec.format.container import ImageFile
from vaecodec.models.architecture import Architecture, Floats, Quality, Symbols


@dataclass(frozen=True, eq=False)
class Features:
    """The latents of an image, as its file holds them.

    They are M channels at r x c positions; with the shipped models each position stands
    for 16 x 16 pixels. Units are the same in all channels and at every quality: a
    squared difference is about the sum of the squared differences of samples 0..1 that
    it makes. Channels of one model do not mean what those of another do.

    Attributes:
        latents: float32 [M, r, c].
        scales: float32 [M, r, c], at least 0: how far the model expected each latent
            to lie from its prediction (a standard deviation). They are computed when
            you ask for them.
    """

    latents: NDArray[np.float32]
    _rows: NDArray[np.uint8]  # of the frequency tables [M, r, c]
    _deviations: NDArray[np.float32]  # of symbols, for each row
    _step_sizes: NDArray[np.float32]  # [M, 1, 1], or [M, r, c]

    @property
    def scales(self) -> NDArray[np.float32]:
        """See above."""
        return self._deviations.take(self._rows) * self._step_sizes


def features_with(model: CodecModel, file: ImageFile) -> Features:
    """Read the features of a file with the model that it names.

    Raises:
        FormatError: A tile is damaged; says which.
        ModelError: The model leads to numbers that are not finite.
    """
    header, architecture = file.header, model.architecture
    plane = architecture.grid.planes[-1]
    quality = QualityMap(header, file.quality_map, cell=architecture.grid.cell)
    shape = _, height, width = plane.shape(header.height, header.width)
    latents, rows = np.empty(shape, np.float32), np.empty(shape, np.uint8)

    def read(tile: Tile) -> Symbols:
        decoded = read_tile(model, file, tile)
        place = (slice(None), *on_plane(plane, tile.pixels))
        rows[place] = _rows(architecture, tile, decoded, quality.read(tile.pixels))
        return decoded.latents

    def draw(window: Symbols, quality: Quality) -> Floats:
        return architecture.dequantize(window, quality).transpose(1, 2, 0)

    whole = area_of(None, (header.height, header.width))
    parts = drawn(
        read,
        covering(whole, plane.pixels),
        header,
        model,
        draw,
        reach=architecture.grid.preview_reach,
        quality_map=file.quality_map,
        reduction=plane.pixels,
    )
    for place, values in parts:
        latents[(slice(None), *place)] = values.transpose(2, 0, 1)
    sizes = architecture.step_sizes(quality.read(whole))[:, :height, :width]
    return Features(latents, rows, architecture.tables.deviations, sizes)


def _rows(
    architecture: Architecture, tile: Tile, decoded: DecodedTile, quality: Quality
) -> NDArray[np.uint8]:
    """Rows of the tables [M, r, c] of the last plane of a tile."""
    last = len(architecture.grid.planes) - 1
    plane = architecture.grid.planes[last]
    rows: NDArray[np.uint8] = plane.zeros(plane.shape(*tile.shape), np.uint8)
    predictor = architecture.predictor(*tile.shape, quality)  # knows the places
    for number, indexes in enumerate(decoded.indexes):
        if architecture.steps[number].plane == last:
            predictor.scatter(number, indexes, rows)
    return rows
