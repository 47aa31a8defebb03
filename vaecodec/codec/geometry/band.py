"""A band of planes that slides along an image: all that a walk holds of it at a time.

The networks look a little way around every position, and no further. So of planes
[channels, rows, columns] that belong to the whole image only a band across it is in
memory: it grows at its front and is dropped at its back, while areas keep the names
that they have in the whole image. The band is made of strips, so that neither growing
nor dropping moves what stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.codec.geometry.areas import Area

Zeros = Callable[[tuple[int, ...], DTypeLike], NDArray[Any]]


class Band:
    """Planes of which a part is held; first nothing.

    Args:
        shape: channels, rows and columns of the whole image.
        dtype: of the elements.
        along: the axis on which the band slides, 0 rows or 1 columns.
        start: the first position on that axis.
        zeros: makes an array of a shape and dtype.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        *,
        dtype: DTypeLike,
        along: int,
        start: int = 0,
        zeros: Zeros = np.zeros,
    ) -> None:
        self._shape = shape
        self._dtype, self._zeros = dtype, zeros
        self._axis = 1 + along
        self._start = self._stop = start
        self._strips: deque[NDArray[Any]] = deque()  # from _start to _stop

    def extend(self, position: int) -> None:
        """Hold everything before a position; what was not held is 0."""
        length = position - self._stop
        if length > 0:
            shape = _replaced(self._shape, self._axis, length)
            self._strips.append(self._zeros(shape, self._dtype))
            self._stop += length

    def drop(self, position: int) -> None:
        """Hold no strip any more that lies before a position."""
        while self._strips and self._first_stop <= position:
            self._start = self._first_stop
            self._strips.popleft()

    def read(self, area: Area) -> NDArray[Any]:
        """Copy of an area of the whole image, in positions.

        Raises:
            IndexError: Not all of it is held.
        """
        return np.concatenate([strip for strip, _ in self._cut(area)], self._axis)

    def write(self, area: Area, values: NDArray[Any]) -> None:
        """Inverse of `read`."""
        for strip, place in self._cut(area):
            strip[:] = values[place]

    @property
    def _first_stop(self) -> int:
        length: int = self._strips[0].shape[self._axis]
        return self._start + length

    def _cut(self, area: Area) -> Iterator[tuple[NDArray[Any], tuple[slice, ...]]]:
        """View of each strip inside of an area, and its place in that area."""
        whole = (slice(None), *area)
        asked = whole[self._axis]
        if not self._start <= asked.start < asked.stop <= self._stop:
            raise IndexError(
                f"positions {asked.start}..{asked.stop} of a band that holds "
                f"{self._start}..{self._stop}"
            )
        start = self._start
        for strip in self._strips:
            stop = start + strip.shape[self._axis]
            first, last = max(start, asked.start), min(stop, asked.stop)
            if first < last:
                held = slice(first - start, last - start)
                place = slice(first - asked.start, last - asked.start)
                everything = (slice(None),) * 3
                yield (
                    strip[_replaced(whole, self._axis, held)],
                    _replaced(everything, self._axis, place),
                )
            start = stop


def _replaced(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    """The tuple with one value replaced."""
    return (*values[:place], value, *values[place + 1 :])
