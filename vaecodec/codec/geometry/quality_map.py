"""The quality of every part of an image, for networks that are told it.

In: the quality in a header; out: what the predictor of a tile or a network on a window
is given.
"""

from __future__ import annotations

import numpy as np

from vaecodec.codec.geometry.areas import Area
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Quality


class QualityMap:
    """One quality for all of an image.

    Args:
        header: of the image.
    """

    def __init__(self, header: ImageHeader) -> None:
        self._everywhere: Quality = np.full((1, 1), header.quality, np.uint8)

    def read(self, area: Area) -> Quality:
        """The quality in an area, in pixels: uint8 [1, 1]."""
        return self._everywhere
