"""Colours under alpha 0, which nobody sees: replaced before they are analysed.

In: samples with alpha; out: their colours, area by area, in which every invisible pixel
continues its visible neighbours smoothly. So what hides there costs next to nothing and
does not bleed into what is seen. Coded as they are, such colours take up to twelve
times the bytes of the picture.

A pyramid is filled from its top (pull-push, Gortler et al., The Lumigraph, 1996). Its
coarse levels are those of the whole image, its fine ones are made for the area that is
asked for. Areas that overlap agree but for `COARSE` pixels at their ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.geometry.areas import Area, covering
from vaecodec.codec.geometry.squares import in_squares
from vaecodec.models.depth import Samples

HIDDEN = 0

FINE_LEVELS = 4
COARSE = 1 << FINE_LEVELS  # pixels along a position of the coarse levels
ROWS_AT_ONCE = 64 * COARSE

Floats = NDArray[np.float32]  # [C, h, w]
Seen = NDArray[np.bool_]  # [h, w]


def visible_colours(colours: Samples, alpha: Samples) -> Samples | FilledColours:
    """The colours [H, W] or [H, W, 3] if all are seen, else the filled ones."""
    if (alpha != HIDDEN).all():
        return colours
    return FilledColours(colours, alpha)


class FilledColours:
    """Colours [H, W] or [H, W, C] without what alpha [H, W] hides; areas are cut.

    Args:
        colours: the samples.
        alpha: of them, HIDDEN where they do not count.
        sweeps: how often, at each level, what is filled in becomes the mean of what
            surrounds it. After a few it meets that without a step.
    """

    def __init__(self, colours: Samples, alpha: Samples, *, sweeps: int = 0) -> None:
        self._colours, self._alpha, self._sweeps = colours, alpha, sweeps
        strips = [
            self._pulled((slice(top, top + ROWS_AT_ONCE), slice(None)))[-1]
            for top in range(0, len(alpha), ROWS_AT_ONCE)
        ]
        means = np.concatenate([means for means, _ in strips], axis=1)
        seen = np.concatenate([seen for _, seen in strips])
        self._coarse = _filled(means, seen, sweeps)

    def __getitem__(self, area: Area) -> Samples:
        """An area; its first row and column are multiples of `COARSE`."""
        colours = self._colours[area]
        if (self._alpha[area] != HIDDEN).all():
            return colours
        *levels, _ = self._pulled(area)
        rows, columns = covering(area, COARSE)
        found = self._coarse[:, rows, columns]
        for means, seen in reversed(levels):
            found = _relaxed(_pushed(means, seen, found), seen, self._sweeps)
        filled = np.rint(found).astype(colours.dtype)
        return filled[0] if colours.ndim == 2 else np.moveaxis(filled, 0, 2)

    def shows(self, area: Area, side: int) -> Seen:
        """Squares [h, w] of so many pixels a side of which anything is seen."""
        seen = self._alpha[area] != HIDDEN
        return np.asarray(in_squares(seen, side).any((1, 3)))

    def _pulled(self, area: Area) -> list[tuple[Floats, Seen]]:
        """The levels of an area, from its pixels to a coarse one."""
        seen = self._alpha[area] != HIDDEN
        planes = np.moveaxis(np.atleast_3d(self._colours[area]), 2, 0)
        levels = [(planes.astype(np.float32, order="C"), seen)]
        for _ in range(FINE_LEVELS):
            levels.append(_halved(*levels[-1]))
        return levels


def _filled(means: Floats, seen: Seen, sweeps: int) -> Floats:
    """The means where something is seen, else what surrounds them."""
    if seen.all() or seen.size == 1:
        return means
    coarser = _filled(*_halved(means, seen), sweeps)
    return _relaxed(_pushed(means, seen, coarser), seen, sweeps)


def _halved(planes: Floats, seen: Seen) -> tuple[Floats, Seen]:
    """Means of what is seen of each two by two positions; 0 where nothing is."""
    ragged = [(0, length % 2) for length in seen.shape]
    weights = np.pad(seen, ragged).astype(np.float32)
    total = _sums(np.pad(planes, [(0, 0), *ragged]) * weights)
    count = _sums(weights)
    means: Floats = total / count.clip(min=1)
    return means, count > 0


def _sums(planes: Floats) -> Floats:
    """Sums of each two by two positions of the last two axes."""
    rows = planes[..., ::2, :] + planes[..., 1::2, :]
    sums: Floats = rows[..., ::2] + rows[..., 1::2]
    return sums


def _pushed(means: Floats, seen: Seen, coarser: Floats) -> Floats:
    """The means where something is seen, else the level above, interpolated."""
    rows, columns = seen.shape
    smooth = _doubled(_doubled(coarser).swapaxes(1, 2)).swapaxes(1, 2)
    return np.where(seen, means, smooth[:, :rows, :columns])


def _relaxed(planes: Floats, seen: Seen, sweeps: int) -> Floats:
    """What is not seen, nearer to the mean of the four positions around it."""
    for _ in range(0 if seen.all() else sweeps):
        around = np.pad(planes, [(0, 0), (1, 1), (1, 1)], mode="edge")
        total = around[:, :-2, 1:-1] + around[:, 2:, 1:-1]
        total += around[:, 1:-1, :-2]
        total += around[:, 1:-1, 2:]
        planes = np.where(seen, planes, total / 4)
    return planes


def _doubled(planes: Floats) -> Floats:
    """Twice as many rows, interpolated linearly."""
    padded = np.concatenate([planes[:, :1], planes, planes[:, -1:]], axis=1)
    pairs = np.stack([padded[:, :-2], padded[:, 2:]], axis=2)
    pairs += 3 * planes[:, :, None]
    pairs /= 4
    count, rows, columns = planes.shape
    return pairs.reshape(count, 2 * rows, columns)
