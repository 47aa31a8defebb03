"""What an exact program is given: and the checks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.exact.budget import within_budget
from vaecodec.models.exact.facts import CELL, QUALITIES
from vaecodec.models.exact.limits import limits_of
from vaecodec.models.exact.operations import Input
from vaecodec.models.exact.program import Program

Feeds = Mapping[str, NDArray[Any]]  # whole numbers [C, h, w] by name
Outputs = Mapping[str, NDArray[Any]]  # the same of what programs put out


def check_feeds(program: Program, feeds: Feeds, quality: Quality | None) -> None:
    """Pass feeds of one image area, with what quality the program asks for.

    Values are looked at by `check_values`, which takes longer.

    Raises:
        ValueError: They are not the inputs of the program.
    """
    if feeds.keys() != {given.name for given in program.inputs}:
        raise ValueError(f"feeds {sorted(feeds)} are not the inputs of the program")
    areas = {_area(given, feeds[given.name]) for given in program.inputs}
    [area, *others] = areas
    if others or any(side % program.cell for side in area):
        raise ValueError(
            f"areas of {sorted(areas)} pixels, expected one and its sides multiples "
            f"of {program.cell}"
        )
    if program.gain_pixels:
        _check_quality(quality, area)


def check_values(program: Program, feeds: Feeds) -> None:
    """Pass feeds within the ranges and budgets of the inputs.

    Raises:
        ValueError: A value is beyond the range of its channel, or a position is above
            its budget.
    """
    for given in program.inputs:
        feed, (low, high) = feeds[given.name], limits_of(given)
        found_low, found_high = feed.min((1, 2)), feed.max((1, 2))
        if np.any(found_low < low) or np.any(found_high > high):
            worst = int(np.maximum(low - found_low, found_high - high).argmax())
            raise ValueError(
                f"channel {worst} of input {given.name!r} is "
                f"{found_low[worst]}..{found_high[worst]}, "
                f"allowed {low[worst]}..{high[worst]}"
            )
        if within_budget(given, feed) is not feed:
            raise ValueError(
                f"input {given.name!r} is above its budget of {given.budget}"
            )


def _area(given: Input, feed: NDArray[Any]) -> tuple[int, int]:
    """Height and width in pixels of what a feed covers."""
    if feed.ndim != 3 or len(feed) != given.channels or 0 in feed.shape:
        raise ValueError(
            f"input {given.name!r} is {list(feed.shape)}, "
            f"expected [{given.channels}, h, w]"
        )
    return feed.shape[1] * given.pixels, feed.shape[2] * given.pixels


def _check_quality(quality: Quality | None, area: tuple[int, int]) -> None:
    if quality is None:
        raise ValueError("the program asks for a quality")
    cells = tuple(size * CELL for size in quality.shape)
    if quality.shape != (1, 1) and cells != area:
        raise ValueError(f"qualities of {cells} pixels for an area of {area}")
    if quality.max() >= QUALITIES:
        raise ValueError(f"quality {quality.max()}, allowed 0..{QUALITIES - 1}")
