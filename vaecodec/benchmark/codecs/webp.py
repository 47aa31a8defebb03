"""Lossy WebP through libwebp."""

from __future__ import annotations

from functools import partial

from vaecodec.benchmark.entry import Entry, Library
from vaecodec.benchmark.pillow_codec import PillowCodec

LIBRARY = Library("libwebp", "webp")


class WebP(PillowCodec):
    """Lossy WebP; method 0 is fast, 6 slow, 4 what libraries write by default."""

    format, feature = "WEBP", "webp"
    qualities = (0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)

    def __init__(self, method: int) -> None:
        super().__init__()
        self.name = "WebP" if method == 6 else f"WebP method {method}"
        self.settings = f"libwebp through Pillow, lossy, method {method}"
        self.options = {"method": method}


ENTRIES = (
    Entry(
        key="webp-4",
        make=partial(WebP, 4),
        colour=("#6f8f3a", "#a9c96a"),
        order=30,
        hidden=True,
        library=LIBRARY,
        reproduces="webp",
    ),
    Entry(
        key="webp",
        make=partial(WebP, 6),
        colour=("#157347", "#4fc98a"),
        order=31,
        in_readme=True,
        note="WebP: libwebp, method 6",
        library=LIBRARY,
        held_out_qualities=(0, 10, 30, 50, 70, 85, 95),
    ),
)
