"""What a user may ask of compressing and decompressing, checked once and for all.

In: the keyword arguments of the front doors, or those of a command line. Out: one
object that travels through the layers as it is.
"""

from __future__ import annotations

import operator
import os
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.geometry.areas import Region
from vaecodec.codec.search.effort import FASTEST, MOST, USUAL
from vaecodec.codec.search.targets import Target
from vaecodec.format.header import DEFAULT_QUALITY, MAX_QUALITY
from vaecodec.models.architecture import REDUCTION

Model = str | os.PathLike[str] | None
Tune = Literal["eye", "psnr"]
Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True)
class EncodeOptions:
    """How to compress; for what each means see `vaecodec.compress`.

    Raises:
        TypeError: The quality or the effort is no integer.
        ValueError: A quality is not in 0..100, an effort not 1..3, an error below 0,
            a quality map comes with a target or an effort of 3, or one of them, `tune`
            or a model with `lossless` or `max_error`, or these two with each other.
    """

    quality: int = DEFAULT_QUALITY
    quality_map: Integers | None = field(default=None, compare=False)
    target: Target | None = None
    tune: Tune | None = None
    model: Model = None
    lossless: bool | None = None
    max_error: int | None = None
    effort: int = USUAL
    threads: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "quality", operator.index(self.quality))
        if not 0 <= self.quality <= MAX_QUALITY:
            raise ValueError(f"quality {self.quality}, allowed 0..{MAX_QUALITY}")
        if self.quality_map is not None and self.target is not None:
            raise ValueError("a quality map and a target cannot both be given")
        self._check_effort()
        lossy = self.quality_map, self.target, self.tune, self.model
        near = self.max_error is not None
        if (self.lossless or near) and any(option is not None for option in lossy):
            raise ValueError(
                "lossless files have no quality map, target, tune or model"
            )
        if near and self.lossless is not None:
            raise ValueError("lossless and max_error cannot both be given")
        if near and operator.index(self.max_error or 0) < 0:
            raise ValueError(f"max_error {self.max_error}, allowed 0 or more")

    def _check_effort(self) -> None:
        if not FASTEST <= operator.index(self.effort) <= MOST:
            raise ValueError(f"effort {self.effort}, allowed {FASTEST}..{MOST}")
        if self.effort > USUAL and self.quality_map is not None:
            raise ValueError(f"effort {self.effort} takes no quality map")
        if self.effort > USUAL and (self.lossless or self.max_error is not None):
            raise ValueError(f"effort {self.effort} is for lossy files")

    @property
    def may_be_lossless(self) -> bool:
        """Whether a lossless file is welcome if it is smaller.

        Who names a model wants to see what that model does.
        """
        unasked = self.lossless is None and self.max_error is None
        return unasked and self.model is None


@dataclass(frozen=True, kw_only=True)
class DecodeOptions:
    """How to decompress; for what each means see `vaecodec.decompress`.

    Raises:
        TypeError: The number of steps is no integer.
        ValueError: The preview is not 8, or is that of a region, or fewer than 1 step.
    """

    region: Region | None = None
    preview: int | None = None
    steps: int | None = None
    painter: Model = None
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.preview not in (None, REDUCTION):
            raise ValueError(f"preview {self.preview}, allowed {REDUCTION}")
        if self.preview and self.region:
            raise ValueError("a preview shows the whole image and takes no region")
        if self.steps is not None and operator.index(self.steps) < 1:
            raise ValueError(f"{self.steps} steps, allowed 1 or more")

    @property
    def reduction(self) -> int:
        """How many times smaller than the image the result shall be."""
        return self.preview or 1
