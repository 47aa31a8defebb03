"""Quality where networks need it: at every latent position."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.sizes import HYPER_STEP


def at_latents(quality: Quality) -> Quality:
    """[1, 1] as it is; of cells [rows, columns] -> of latent positions [h, w]."""
    if quality.size == 1:
        return quality
    return quality.repeat(HYPER_STEP, axis=0).repeat(HYPER_STEP, axis=1)


def for_graphs(quality: Quality) -> NDArray[np.float32]:
    """The same as numbers that networks compute with."""
    return at_latents(quality).astype(np.float32)
