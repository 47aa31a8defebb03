"""Rectangles of rows and columns, in pixels or any other unit of an image.

In and out: pairs of slices, so that an area cuts itself out of an array.
"""

from __future__ import annotations

import operator

Area = tuple[slice, slice]  # rows and columns, each with start < stop
Region = tuple[int, int, int, int]  # x, y, width, height, as users say it


def area_of(region: Region | None, shape: tuple[int, int]) -> Area:
    """Rows and columns of a region of an image [height, width]; None is all of it.

    Raises:
        TypeError: A number is not an integer.
        ValueError: It is empty, or not all of it is inside of the image.
    """
    whole = 0, 0, shape[1], shape[0]
    x, y, width, height = whole if region is None else map(operator.index, region)
    if not (0 <= x < x + width <= whole[2] and 0 <= y < y + height <= whole[3]):
        raise ValueError(
            f"region {x},{y},{width},{height} (x, y, width, height) is empty or not "
            f"inside {','.join(map(str, whole))}"
        )
    return slice(y, y + height), slice(x, x + width)


def region_of(area: Area) -> Region:
    """Inverse of `area_of`."""
    rows, columns = area
    height, width = shape_of(area)
    return columns.start, rows.start, width, height


def shape_of(area: Area) -> tuple[int, int]:
    """Numbers of rows and columns."""
    rows, columns = (part.stop - part.start for part in area)
    return rows, columns


def meet(one: Area, other: Area) -> bool:
    """Whether two areas have anything in common."""
    return all(
        part.start < match.stop and match.start < part.stop
        for part, match in zip(one, other, strict=True)
    )


def common(one: Area, other: Area) -> Area:
    """What two areas that meet have in common."""
    rows, columns = (
        slice(max(part.start, match.start), min(part.stop, match.stop))
        for part, match in zip(one, other, strict=True)
    )
    return rows, columns


def within(area: Area, outer: Area) -> Area:
    """The same area, counted from the upper left corner of another."""
    rows, columns = (
        slice(part.start - frame.start, part.stop - frame.start)
        for part, frame in zip(area, outer, strict=True)
    )
    return rows, columns


def widened(area: Area, margin: int) -> Area:
    """The area with a margin all around, which may lie outside of the image."""
    rows, columns = (slice(part.start - margin, part.stop + margin) for part in area)
    return rows, columns


def scaled(area: Area, scale: int) -> Area:
    """An area in units of which `scale` make one."""
    rows, columns = (slice(scale * part.start, scale * part.stop) for part in area)
    return rows, columns


def covering(area: Area, unit: int) -> Area:
    """The smallest area that covers another, in units that are `unit` times larger."""
    rows, columns = (slice(part.start // unit, -(-part.stop // unit)) for part in area)
    return rows, columns
