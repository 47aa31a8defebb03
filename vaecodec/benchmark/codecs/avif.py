"""AVIF through libavif, with the AV1 encoder that comes with Pillow."""

from __future__ import annotations

from functools import partial

from vaecodec.benchmark.entry import THREADS, Entry, Library
from vaecodec.benchmark.pillow_codec import PillowCodec

LIBRARY = Library("libavif", "avif")
NOTE = "AVIF: libavif, speed 6"


class Avif(PillowCodec):
    """AVIF at a speed from 0 to 10; Pillow's own choice is 6."""

    format, feature = "AVIF", "avif"
    qualities = (10, 20, 30, 40, 50, 60, 70, 80, 88)

    def __init__(self, subsampling: str, *, speed: int = 6) -> None:
        from PIL import AvifImagePlugin

        super().__init__()
        # Pillow has an argument for this when writing, but none when reading.
        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
        self.name = f"AVIF {subsampling}"
        self.settings = f"libavif through Pillow, {subsampling}, speed {speed}"
        self.options = {"subsampling": subsampling, "speed": speed}
        self.options["max_threads"] = THREADS


ENTRIES = (
    Entry(
        key="avif-420",
        make=partial(Avif, "4:2:0"),
        colour=("#6d3fc0", "#b79af5"),
        order=50,
        hidden=True,
        in_readme=True,
        note=NOTE,
        library=LIBRARY,
    ),
    Entry(
        key="avif-444",
        make=partial(Avif, "4:4:4"),
        colour=("#a34fb0", "#dd94ea"),
        order=51,
        in_readme=True,
        note=NOTE,
        library=LIBRARY,
        held_out_qualities=(10, 20, 30, 45, 60, 75, 88),
    ),
)
