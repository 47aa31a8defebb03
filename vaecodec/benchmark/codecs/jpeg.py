"""JPEG through libjpeg-turbo."""

from __future__ import annotations

from functools import partial

from vaecodec.benchmark.entry import Entry, Library
from vaecodec.benchmark.pillow_codec import PillowCodec

LIBRARY = Library("libjpeg-turbo", "libjpeg_turbo")
HELD_OUT_QUALITIES = (5, 15, 30, 50, 70, 85, 95)


class Jpeg(PillowCodec):
    """JPEG; `optimised`: Huffman tables of its own and progressive.

    Otherwise with Pillow's defaults, which a published curve was made with.
    """

    format, feature = "JPEG", "jpg"
    qualities = (5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 95)

    def __init__(self, subsampling: str, *, optimised: bool = True) -> None:
        super().__init__()
        kind = "optimised progressive" if optimised else "baseline, default tables"
        self.name = f"JPEG {subsampling}" + ("" if optimised else " baseline")
        self.settings = f"libjpeg-turbo through Pillow, {subsampling}, {kind}"
        self.options = {"subsampling": subsampling}
        self.options |= {"optimize": optimised, "progressive": optimised}


ENTRIES = (
    Entry(
        key="jpeg-baseline",
        make=partial(Jpeg, "4:2:0", optimised=False),
        colour=("#8a8f98", "#8d96a1"),
        order=10,
        hidden=True,
        library=LIBRARY,
        reproduces="jpeg",
    ),
    Entry(
        key="jpeg-420",
        make=partial(Jpeg, "4:2:0"),
        colour=("#4d5763", "#c3ccd6"),
        order=11,
        in_readme=True,
        note="JPEG: libjpeg-turbo, optimised and progressive",
        library=LIBRARY,
        held_out_qualities=HELD_OUT_QUALITIES,
    ),
    Entry(
        key="jpeg-444",
        make=partial(Jpeg, "4:4:4"),
        colour=("#8c5a2b", "#d3a374"),
        order=12,
        hidden=True,
        library=LIBRARY,
        # Text and line art lose most by halved colour.
        held_out_qualities=HELD_OUT_QUALITIES,
    ),
)
