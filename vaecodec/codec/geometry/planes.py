"""The latents of an image, and where tiles and windows lie in them.

In: values of tiles or windows, in any order; out: those of others. Analysis and
synthesis look across tile borders, so they work on these planes; the entropy coder
works on tiles. Of a large image the planes hold a band only, see `band`. Areas are in
pixels of the image; each plane of a model has its own positions.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike, NDArray

from vaecodec.codec.geometry.areas import Area, covering
from vaecodec.codec.geometry.band import Band
from vaecodec.models.architecture import Grid, Plane


class Planes:
    """All planes of a grid side by side; positions that nobody wrote are 0.

    Args:
        grid: of the model.
        size: height and width of the image in whole cells.
        dtype: of the elements.
        along: axis on which the planes slide, see `Band`.
        start: the first pixel on that axis that is held.
    """

    def __init__(
        self,
        grid: Grid,
        size: tuple[int, int],
        *,
        dtype: DTypeLike,
        along: int,
        start: int = 0,
    ) -> None:
        self._planes = grid.planes
        self._bands = [
            Band(
                plane.shape(*size),
                dtype=dtype,
                along=along,
                start=start // plane.pixels,
                zeros=plane.zeros,
            )
            for plane in grid.planes
        ]

    def extend(self, pixel: int) -> None:
        """Hold everything before a pixel; what was not held is 0."""
        for plane, band in zip(self._planes, self._bands, strict=True):
            band.extend(-(-pixel // plane.pixels))

    def drop(self, pixel: int) -> None:
        """Hold no strip any more that lies before a pixel."""
        for plane, band in zip(self._planes, self._bands, strict=True):
            band.drop(pixel // plane.pixels)

    def read(self, number: int, area: Area) -> NDArray[Any]:
        """Copy of the positions [C, r, c] of one plane that hold any of an area."""
        return self._bands[number].read(on_plane(self._planes[number], area))

    def read_all(self, area: Area) -> tuple[NDArray[Any], ...]:
        """The same of every plane."""
        return tuple(self.read(number, area) for number in range(len(self._planes)))

    def write(self, number: int, area: Area, values: NDArray[Any]) -> None:
        """Inverse of `read`."""
        self._bands[number].write(on_plane(self._planes[number], area), values)


def on_plane(plane: Plane, area: Area) -> Area:
    """Rows and columns of the positions that hold any of an area in pixels."""
    return covering(area, plane.pixels)
