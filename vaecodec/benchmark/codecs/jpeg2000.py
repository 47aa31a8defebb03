"""JPEG 2000 through OpenJPEG."""

from __future__ import annotations

from typing import Any

from vaecodec.benchmark.entry import Entry, Library
from vaecodec.benchmark.pillow_codec import PillowCodec


class Jpeg2000(PillowCodec):
    """JPEG 2000; the quality is a target in dB, for which OpenJPEG cuts the file.

    So it is constant over the images, as for the other codecs; at a constant *rate*
    the mean over Kodak only looks 20 % better.
    """

    name = "JPEG 2000"
    format, feature = "JPEG2000", "jpg_2000"
    settings = "OpenJPEG through Pillow, 9/7 wavelet, YCC, quality: target PSNR in dB"
    qualities = (22, 25, 28, 30, 32, 34, 36, 38, 41)

    def __init__(self) -> None:
        super().__init__()
        self.options = {"irreversible": True, "mct": 1}
        self.options |= {"quality_mode": "dB", "no_jp2": True}
        # Else OpenJPEG signs every file with its name.
        self.options["comment"] = "\0"

    def quality_options(self, quality: float) -> dict[str, Any]:
        """One layer that ends at the target."""
        return {"quality_layers": [quality]}


ENTRIES = (
    Entry(
        key="jpeg2000",
        make=Jpeg2000,
        colour=("#0e7490", "#4cc3dd"),
        order=20,
        library=Library("openjpeg", "jpg_2000"),
    ),
)
