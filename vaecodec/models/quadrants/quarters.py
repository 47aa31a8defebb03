"""Which latents of a tile are coded in which step: index arithmetic.

The positions of a tile are seen as squares of 2 x 2, whose four places are p = 0..3:
row p // 2, column p % 2. Channel c belongs to the quarter c % 4. In step k every place
p has the quarter p XOR ORDER[k] of its channels (Li, Li and Lu, "Neural Video
Compression with Diverse Contexts", 2023). Arrays of a step have channels last, as exact
programs hold them: [rows, columns, 4, M / 4] of squares, places and channels of a
quarter. Squares fill whole cells, beyond the edge of the tile if need be; only what
lies in the tile is coded, square by square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Lattice
from vaecodec.models.sizes import HYPER_STEP, PATCH

ORDER = (0, 3, 1, 2)
PLACES = range(4)
SQUARE = 2  # positions along a square
SQUARE_PIXELS = SQUARE * PATCH
SQUARES = HYPER_STEP // SQUARE  # squares along a cell


def quarter(place: int, step: int) -> int:
    """The quarter of its channels that a place has in a step."""
    return place ^ ORDER[step]


def lattices(step: int) -> tuple[Lattice, ...]:
    """For each place where it lies in [M, h, w]."""
    return tuple(
        np.s_[quarter(place, step) :: 4, place // SQUARE :: 2, place % SQUARE :: 2]
        for place in PLACES
    )


def channels_at(step: int, channels: int) -> NDArray[np.intp]:
    """Which of M channels each place has in a step [4, M / 4]."""
    first = [[quarter(place, step)] for place in PLACES]
    return np.array(first, np.intp) + np.arange(0, channels, 4)


def by_place(values: NDArray[Any], step: int) -> NDArray[Any]:
    """What belongs to channels [..., M] -> to those of a step [..., 4, M / 4]."""
    return values.take(channels_at(step, values.shape[-1]), axis=-1)


class Squares:
    """The squares of one tile.

    Args:
        height, width: h and w, latent positions of the tile.

    Attributes:
        shape: rows and columns of squares.
    """

    def __init__(self, height: int, width: int) -> None:
        rows, columns = (-(-side // HYPER_STEP) * SQUARES for side in (height, width))
        self.shape = rows, columns
        within = np.zeros((SQUARE * rows, SQUARE * columns), bool)
        within[:height, :width] = True
        places = within.reshape(rows, SQUARE, columns, SQUARE).transpose(0, 2, 1, 3)
        # [rows, columns, 4]; None if all of them are in the tile.
        self._within = None if within.all() else places.reshape(rows, columns, 4)

    def take(self, values: NDArray[Any], step: int) -> NDArray[Any]:
        """A step of ``values`` [M, h, w]; 0 outside of the tile."""
        shape = (*self.shape, len(PLACES), len(values) // 4)
        make = np.empty if self._within is None else np.zeros
        taken = make(shape, values.dtype)
        for place, lattice in enumerate(lattices(step)):
            part = values[lattice].transpose(1, 2, 0)
            taken[: part.shape[0], : part.shape[1], place] = part
        return taken

    def put(self, taken: NDArray[Any], step: int, into: NDArray[Any]) -> None:
        """Inverse of `take`: fill a step of ``into`` [M, h, w]."""
        for place, lattice in enumerate(lattices(step)):
            part = into[lattice]
            _, rows, columns = part.shape
            part[:] = taken[:rows, :columns, place].transpose(2, 0, 1)

    def joined(self, steps: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """All steps -> [M, h, w] of whole cells, a view of memory [h, w, M]."""
        rows, columns, places, channels = steps[0].shape
        shape = SQUARE * rows, SQUARE * columns, places * channels
        planes = np.empty(shape, steps[0].dtype).transpose(2, 0, 1)
        for place in PLACES:  # one after the other: each has memory of its own
            for step, taken in enumerate(steps):
                planes[lattices(step)[place]] = taken[:, :, place].transpose(2, 0, 1)
        return planes

    def coded(self, taken: NDArray[Any]) -> NDArray[Any]:
        """What is coded of a step [n], in the order of coding."""
        return (taken if self._within is None else taken[self._within]).ravel()

    def uncoded(self, coded: NDArray[Any]) -> NDArray[Any]:
        """Inverse of `coded`; 0 outside of the tile."""
        if self._within is None:
            return coded.reshape(*self.shape, len(PLACES), -1)
        parts = coded.reshape(np.count_nonzero(self._within), -1)
        taken = np.zeros((*self._within.shape, parts.shape[1]), coded.dtype)
        taken[self._within] = parts
        return taken
