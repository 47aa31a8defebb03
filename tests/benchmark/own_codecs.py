"""Codecs of a user: one that works, and one for each way of failing."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


class Works:
    """WebP, without a word about itself."""

    def compress(self, image: Pixels, quality: int) -> bytes:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "WEBP", quality=quality)
        return file.getvalue()

    def decompress(self, data: bytes) -> Pixels:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


class Throws(Works):
    name = "<b>Throws</b>"

    def decompress(self, data: bytes) -> Pixels:
        raise RuntimeError("no luck\ntoday")


class Exits(Works):
    def compress(self, image: Pixels, quality: int) -> bytes:
        raise SystemExit(3)


class ReturnsText(Works):
    def compress(self, image: Pixels, quality: int) -> bytes:
        return "text"  # type: ignore[return-value]


class WrongSize(Works):
    def decompress(self, data: bytes) -> Pixels:
        return super().decompress(data)[:-1]


class Garbage(Works):
    def decompress(self, data: bytes) -> Pixels:
        shape = super().decompress(data).shape
        return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


class FailsOnce(Works):
    """Fails at quality 40 only."""

    name = "fails once"

    def compress(self, image: Pixels, quality: int) -> bytes:
        if quality == 40:
            raise ValueError("not 40")
        return super().compress(image, quality)


class NotACodec:
    def compress(self, image: Pixels, quality: int) -> bytes:
        return b""


class ChangesItsInput(Works):
    """Writes into the image that it is given."""

    def compress(self, image: Pixels, quality: int) -> bytes:
        image[:] = 0
        return super().compress(image, quality)


class CannotBeMade(Works):
    def __init__(self) -> None:
        raise RuntimeError("no licence")
