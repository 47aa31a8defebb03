"""JPEG XL through pillow-jxl-plugin."""

from __future__ import annotations

from vaecodec.benchmark.entry import Entry, Library
from vaecodec.benchmark.pillow_codec import PillowCodec


class JpegXl(PillowCodec):
    """Lossy JPEG XL."""

    name = "JPEG XL"
    format = "JXL"
    qualities = (5, 15, 30, 45, 60, 70, 80, 88, 93)

    def __init__(self, *, effort: int = 7) -> None:
        import pillow_jxl  # noqa: F401 - registers the format
        from pillow_jxl import JpegXLImagePlugin

        super().__init__()
        JpegXLImagePlugin.DECODE_THREADS = 0  # None beside the calling one.
        self.settings = f"libjxl through pillow-jxl-plugin, lossy, effort {effort}"
        self.options = {"effort": effort, "num_threads": 0}


ENTRIES = (
    Entry(
        key="jxl",
        make=JpegXl,
        colour=("#b45f06", "#f5a94a"),
        order=40,
        in_readme=True,
        note="JPEG XL: libjxl, effort 7",
        library=Library("pillow-jxl-plugin"),
        held_out_qualities=(5, 15, 30, 50, 70, 85, 93),
    ),
)
