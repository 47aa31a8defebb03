"""This package, with each of the shipped models or with that of a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from vaecodec.benchmark.entry import THREADS, Entry, Pixels

PACKAGE = Path(__file__).parent.parent.parent
HELD_OUT_QUALITIES = (5, 20, 35, 50, 65, 80, 95)


class Vaecodec:
    """The codec with a model: a name or a file, or None for the default."""

    settings = "one thread, plain RGB file"
    qualities: Sequence[float] = (0, 5, 15, 25, 35, 45, 50, 55, 65, 75, 85, 95, 100)

    def __init__(
        self, model: str | None = None, name: str = "vaecodec", *, effort: int = 2
    ) -> None:
        self.model, self.name, self._effort = model, name, effort

    def compress(self, image: Pixels, quality: int) -> bytes:
        """A .vaec file."""
        from vaecodec.api import encode

        return encode(
            image,
            quality,
            model=self.model,
            lossless=False,  # a curve is one of the model alone
            effort=self._effort,
            threads=THREADS,
        )

    def decompress(self, data: bytes) -> Pixels:
        """Decoded pixels."""
        from vaecodec.api import decode

        return decode(data, painter=self.model, threads=THREADS)

    def model_id(self) -> str:
        """The model's content hash, as files name it."""
        from vaecodec.models.library import load_model

        return load_model(self.model).model_id

    def sources(self) -> list[Path]:
        """The files whose change may change a measurement."""
        parts = ("codec", "models", "entropy", "format")
        return [path for part in parts for path in (PACKAGE / part).rglob("*.py")]


ENTRIES = (
    Entry(
        key="vaecodec",
        make=partial(Vaecodec, name="vaecodec"),
        model="standard",
        colour=("#c8102e", "#ff6b7d"),
        order=0,
        held_out_qualities=HELD_OUT_QUALITIES,
    ),
    Entry(
        key="vaecodec-psnr",
        make=partial(Vaecodec, name="vaecodec-psnr"),
        model="psnr",
        colour=("#7f1d1d", "#fca5a5"),
        order=1,
        held_out_qualities=HELD_OUT_QUALITIES,
    ),
)
