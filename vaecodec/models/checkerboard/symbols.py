"""The symbols of one tile: all that crosses from the transforms to the entropy coder.

In come the quantised latent and hyper-latent of a tile, out goes the same pair with
dtypes, shapes and ranges checked once. Letters of the shapes, here and in the modules
beside this one: M latent channels, Z hyper-latent channels, h x w the latent grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.frequency_tables import VALUE_LIMIT

HYPER_LIMIT = 31
LATENT_LIMIT = VALUE_LIMIT
HYPER_STEP = 4  # latent positions per hyper-latent position, along each side


@dataclass(frozen=True, eq=False)
class TileSymbols:
    """Quantised latents of one tile.

    Attributes:
        hyper_symbols: int16 [Z, ceil(h / 4), ceil(w / 4)], each in -31..31.
        latent_symbols: int16 [M, h, w], each in -32767..32767.

    Raises:
        ValueError: An array has another dtype, shape or range.
    """

    hyper_symbols: NDArray[np.int16]
    latent_symbols: NDArray[np.int16]

    def __post_init__(self) -> None:
        """Check both arrays, and that their grids belong together."""
        _check("hyper_symbols", self.hyper_symbols, limit=HYPER_LIMIT)
        _check("latent_symbols", self.latent_symbols, limit=LATENT_LIMIT)
        expected = hyper_grid(*self.latent_symbols.shape[1:])
        if self.hyper_symbols.shape[1:] != expected:
            raise ValueError(
                f"hyper_symbols cover a grid of {self.hyper_symbols.shape[1:]}, "
                f"expected {expected}"
            )


def hyper_grid(height: int, width: int) -> tuple[int, int]:
    """Return the rows and columns of the hyper-latent over a latent grid."""
    return -(-height // HYPER_STEP), -(-width // HYPER_STEP)


def _check(name: str, symbols: NDArray[np.int16], *, limit: int) -> None:
    if symbols.dtype != np.int16:
        raise ValueError(f"{name} are {symbols.dtype}, expected int16")
    if symbols.ndim != 3 or symbols.size == 0:
        raise ValueError(f"{name} have shape {symbols.shape}, expected three sizes")
    low, high = int(symbols.min()), int(symbols.max())
    if low < -limit or high > limit:
        raise ValueError(
            f"{name} reach from {low} to {high}, allowed -{limit}..{limit}"
        )
