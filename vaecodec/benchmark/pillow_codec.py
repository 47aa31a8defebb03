"""A codec that is a format of Pillow: what most modules in `codecs/` derive from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, features

from vaecodec.benchmark.entry import Pixels


class PillowCodec:
    """A format that Pillow writes; `options` go to `Image.save`.

    Attributes:
        format: Pillow's name of it.
        feature: what Pillow must have been built with; ImportError without it.
    """

    name: str
    settings: str
    qualities: Sequence[float]
    format: str
    options: dict[str, Any]
    feature = ""

    def __init__(self) -> None:
        if self.feature and not features.check(self.feature):
            raise ImportError(f"this Pillow was built without {self.feature}")

    def compress(self, image: Pixels, quality: float) -> bytes:
        """A complete file."""
        file = io.BytesIO()
        options = {**self.options, **self.quality_options(quality)}
        Image.fromarray(image).save(file, self.format, **options)
        return file.getvalue()

    def decompress(self, data: bytes) -> Pixels:
        """Decoded pixels; no other format is tried."""
        with Image.open(io.BytesIO(data), formats=[self.format]) as image:
            return np.asarray(image.convert("RGB"))

    def quality_options(self, quality: float) -> dict[str, Any]:
        """What says the quality to `Image.save`."""
        return {"quality": quality}

    def sources(self) -> list[Path]:
        """None: the versions of the libraries say it all."""
        return []
