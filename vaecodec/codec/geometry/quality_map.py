"""The quality of every part of an image, for networks that are told it.

In: the quality in a header, or that of every cell of 64 x 64 pixels in a file; out:
what the predictor of a tile or a network on a window is given.
"""

from __future__ import annotations

import numpy as np

from vaecodec.codec.geometry.areas import Area, covering
from vaecodec.format.header import ImageHeader
from vaecodec.format.quality_map import CELL, map_shape
from vaecodec.models.architecture import Quality


class QualityMap:
    """The quality of an image.

    Args:
        header: of the image.
        values: one byte for each cell of 64 x 64 pixels, row after row; None for the
            same quality everywhere.
        cell: of the model, in pixels.
    """

    def __init__(self, header: ImageHeader, values: bytes | None, *, cell: int) -> None:
        self._cell = cell
        self._cells: Quality = np.full((1, 1), header.quality, np.uint8)
        if values is not None:
            cells = np.frombuffer(values, np.uint8)
            self._cells = cells.reshape(map_shape(header))

    def read(self, area: Area) -> Quality:
        """The quality in an area in pixels: [1, 1], or that of each cell of the model.

        The former where it is the same in all of the area: that costs networks less.
        """
        if self._cells.size == 1:
            return self._cells
        rows, columns = (
            np.arange(part.start, part.stop) * self._cell // CELL
            for part in covering(area, self._cell)
        )
        cells = self._cells[rows[:, None], columns]
        return cells[:1, :1] if (cells == cells[0, 0]).all() else cells
