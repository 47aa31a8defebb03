"""Tiles that cannot be seen, filled smoothly from what is around them.

In: samples and the tiles that are holes in them; out: the same samples, with a surface
in each hole that meets its surroundings without a step. Only one tile at a time is held
in more than its samples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vaecodec.codec.geometry.areas import Area, common, widened, within
from vaecodec.codec.geometry.tiling import Tile
from vaecodec.codec.hidden_colours import COARSE, HIDDEN, FilledColours
from vaecodec.models.depth import Samples

# Pixels around a hole that the networks blur most when they paint without its symbols.
BLURRED = 16

SWEEPS = 4
# What a tile's fill is computed with; the sweeps see no further at the finest levels.
SURROUNDINGS = 2 * COARSE


def fill_holes(samples: Samples, holes: Sequence[Tile], *, margin: int = 0) -> None:
    """Replace what is in the holes.

    Args:
        samples: [H, W] or [H, W, C], changed in place.
        holes: not all of the image.
        margin: so many pixels around each hole are replaced as well, if any remain.
    """
    seen = _seen_beside(samples, holes, margin)
    if not seen.any():
        seen = _seen_beside(samples, holes, 0)
    filled = FilledColours(samples, seen, sweeps=SWEEPS)
    for hole in holes:
        area = _around(hole, margin, samples)
        window = _around(hole, SURROUNDINGS, samples)
        samples[area] = filled[window][within(area, window)]


def _seen_beside(samples: Samples, holes: Sequence[Tile], margin: int) -> Samples:
    """HIDDEN in the holes and around them."""
    seen = np.full(samples.shape[:2], HIDDEN + 1, np.uint8)
    for hole in holes:
        seen[_around(hole, margin, samples)] = HIDDEN
    return seen


def _around(hole: Tile, margin: int, samples: Samples) -> Area:
    """A hole and what is around it, as far as the image goes."""
    height, width = samples.shape[:2]
    whole = slice(0, height), slice(0, width)
    return common(widened(hole.pixels, margin), whole)
