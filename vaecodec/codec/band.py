"""A band of planes that slides along an image: all that a walk holds of it at a time.

The networks look a little way around every position, and no further. So of planes
[channels, rows, columns] that belong to the whole image only a band across it is in
memory: it grows at its front and is forgotten at its back, while areas keep the names
that they have in the whole image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Band:
    """Planes with `scale` positions to a cell, of which a part is held; first nothing.

    Args:
        channels: number of planes.
        grid: rows and columns of cells of the whole image.
        scale: positions along a cell.
        dtype: of the elements.
        along: the axis on which the band slides, 0 rows or 1 columns.
        start: the first cell on that axis.
    """

    def __init__(
        self,
        channels: int,
        grid: tuple[int, int],
        *,
        scale: int,
        dtype: DTypeLike,
        along: int,
        start: int = 0,
    ) -> None:
        self._along = along
        self._scale = scale
        self._start = scale * start
        shape = _with((scale * grid[0], scale * grid[1]), along, 0)
        self._planes: NDArray[Any] = np.zeros((channels, *shape), dtype)

    def extend(self, cell: int) -> None:
        """Hold everything before a cell; what was not held is 0."""
        missing = self._scale * cell - self._stop
        if missing > 0:
            axis = 1 + self._along
            shape = _with(self._planes.shape, axis, missing)
            more = np.zeros(shape, self._planes.dtype)
            self._planes = np.concatenate([self._planes, more], axis)

    def forget(self, cell: int) -> None:
        """Hold nothing before a cell any more."""
        count = self._scale * cell - self._start
        if count > 0:
            everything = (slice(None), slice(None), slice(None))
            kept = _with(everything, 1 + self._along, slice(count, None))
            self._planes = self._planes[kept].copy()
            self._start += count

    def at(self, area: tuple[slice, slice]) -> NDArray[Any]:
        """View of rows and columns of the whole image, in positions.

        Raises:
            IndexError: Not all of them are held.
        """
        asked = area[self._along]
        if not self._start <= asked.start <= asked.stop <= self._stop:
            raise IndexError(
                f"positions {asked.start}..{asked.stop} of a band that holds "
                f"{self._start}..{self._stop}"
            )
        held = slice(asked.start - self._start, asked.stop - self._start)
        return at(self._planes, _with(area, self._along, held))

    @property
    def _stop(self) -> int:
        """First position that is not held yet."""
        length: int = self._planes.shape[1 + self._along]
        return self._start + length


def at(planes: NDArray[Any], area: tuple[slice, ...]) -> NDArray[Any]:
    """View of rows and columns of planes [channels, rows, columns]."""
    return planes[:, area[0], area[1]]


def _with(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    """The tuple with one value replaced."""
    return (*values[:place], value, *values[place + 1 :])
