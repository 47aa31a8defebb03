"""What an engine does: the float networks of this architecture, behind three calls.

Letters: M latent channels, Z hyper-latent channels; H, W image sides, multiples of
64; h = H/16, w = W/16. An engine may be inexact in the last digits: what it returns
is either rounded and coded by the sender, or shown. Quality is that of the contract.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.depth import Samples


class Engine(Protocol):
    """Runs analysis, means and synthesis of one model."""

    def analyze(
        self, image: Samples | NDArray[np.float32], *, quality: Quality
    ) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
        """Image [H, W, C] -> latent in steps [M, h, w], hyper-symbols [Z, h/4, w/4].

        Of an image that has more than 8 bits, levels are given.
        """

    def means(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.float32]:
        """Symbols -> means in steps [M, h, w].

        Means of the first group depend on the hyper-symbols alone; those of the
        second are right once `latent_symbols` hold the first group.
        """

    def synthesize(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.uint8]:
        """Symbols -> image [H, W, C]."""

    def levels(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.float32]:
        """Symbols -> what `synthesize` rounds and clips: levels [H, W, C]."""
