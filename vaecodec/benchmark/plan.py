"""What one run of the benchmark measures: images, codecs, qualities.

In: what the user asked for. Out: `Plan`, which finds the images and makes the codecs.
A codec that is not installed is written down as absent, with what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from vaecodec.benchmark.codecs import (
    entries_of,
    families,
    is_own,
    make_codec,
    shipped_models,
)
from vaecodec.benchmark.entry import Codec
from vaecodec.benchmark.images import (
    QUICK_IMAGES,
    QUICK_SIDE,
    list_images,
    spread,
)

QUICK_QUALITIES = 5
# Enough of one quality over all images, and enough of one image.
TIMINGS, TIMINGS_OF_IMAGE = 24, 3


@dataclass
class Plan:
    """What to measure; `command` is what the user typed, `own` codecs of users."""

    folder: Path
    output: Path
    command: str
    against: tuple[str, ...] = field(default_factory=families)
    own: tuple[str, ...] = ()
    qualities: tuple[int, ...] = ()
    model: str | None = None
    repeats: int | None = None
    quick: bool = False
    fresh: bool = False
    absent: dict[str, str] = field(default_factory=dict)

    def images(self) -> list[Path]:
        """The files to measure, in order; ValueError when there are none."""
        paths = list_images(self.folder)
        return spread(paths, QUICK_IMAGES) if self.quick else paths

    @property
    def side(self) -> int | None:
        """Largest side of an image, in pixels; what is beyond is cut off."""
        return QUICK_SIDE if self.quick else None

    @property
    def timings(self) -> int:
        """How often each image is coded at each quality.

        Without `repeats` at most thrice, and once where the images are many: a mean
        over 24 images needs no medians.
        """
        if self.quick:
            return 1
        return self.repeats or min(
            TIMINGS_OF_IMAGE, math.ceil(TIMINGS / len(self.images()))
        )

    def codecs(self) -> dict[str, Codec]:
        """The codecs by key, with `model` or else with all the shipped models.

        Those that are not installed go to `absent`.

        Raises:
            ValueError, ImportError: something is wrong with a codec of the user.
        """
        models = [*shipped_models()][: 1 if self.model else None]
        codecs = {key: make_codec(key, model=self.model) for key in models}
        for key in self.own:
            codecs[key] = make_codec(key)
        for key in self._others():
            try:
                codecs[key] = make_codec(key)
            except ImportError as error:
                self.absent[key] = str(error)
        return codecs

    def _others(self) -> list[str]:
        chosen = (entry for name in self.against for entry in entries_of(name))
        return [entry.key for entry in sorted(chosen, key=lambda entry: entry.order)]

    def chosen_qualities(self, key: str, codec: Codec) -> list[float]:
        """Those asked for (own scales: only vaecodec and codecs of users), or all."""
        if self.qualities and is_own(key):
            return sorted(set(self.qualities))
        return spread_qualities(codec.qualities, QUICK_QUALITIES if self.quick else 99)


def spread_qualities(qualities: Iterable[float], count: int) -> list[float]:
    """At most `count` of them from the first to the last, evenly spaced."""
    every = list(qualities)
    if len(every) <= count:
        return every
    return [every[i * (len(every) - 1) // (count - 1)] for i in range(count)]
