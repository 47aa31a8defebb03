"""Quality where networks need it: at every position."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.sizes import CELL, PATCH


def at_positions(quality: Quality, pixels: int) -> Quality:
    """[1, 1] as it is; of cells [rows, columns] -> of positions of so many pixels."""
    if quality.size == 1:
        return quality
    each = CELL // pixels
    return quality.repeat(each, axis=0).repeat(each, axis=1)


def at_latents(quality: Quality) -> Quality:
    """The same of latent positions [h, w]."""
    return at_positions(quality, PATCH)


def for_graphs(quality: Quality) -> NDArray[np.float32]:
    """The same as numbers that networks compute with."""
    return at_latents(quality).astype(np.float32)
