"""What the golden files show: parts of photographs, in every kind of file.

In: a `Case`; out: samples. See tests/golden/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import ImageCms
from skimage import data as photographs

from vaecodec.format.metadata import NO_METADATA, Metadata
from vaecodec.models.depth import Samples, of_depth

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>caf\xc3\xa9</x:xmpmeta>"
PQ = bytes([9, 16, 0, 1])  # BT.2020 and its transfer function for HDR
DISPLAY = bytes(range(1, 33))


@dataclass(frozen=True)
class Case:
    """An image to compress; `channels` as in a header.

    With `in_steps` each step of the model has a payload of its own. The quality map has
    one value for each cell of 64 x 64 pixels, row after row.
    """

    height: int
    width: int
    channels: int
    quality: int
    tile_log2: int = 10
    in_steps: bool = False
    quality_map: bytes | None = None
    opaque: bool = False
    metadata: Metadata = NO_METADATA
    depth: int = 8


CASES = {
    "gray-1x1": Case(1, 1, 1, 50, metadata=Metadata(xmp=b"")),
    "gray-1x1-steps": Case(1, 1, 1, 50, in_steps=True),
    "rgba-1x1": Case(1, 1, 4, 100),
    "rgb-17x5": Case(5, 17, 3, 0),
    "gray-alpha-64x64-steps": Case(64, 64, 2, 50, in_steps=True),
    "rgb-64x64": Case(64, 64, 3, 100),
    "rgb-130x70-tiles-64": Case(70, 130, 3, 100, 6),
    "rgb-130x70-tiles-64-steps-map": Case(
        *(70, 130, 3, 60, 6), in_steps=True, quality_map=bytes([0, 100, 37, 60, 5, 99])
    ),
    "rgba-200x150-tiles-64": Case(150, 200, 4, 50, 6),
    "rgba-200x150-tiles-64-steps": Case(150, 200, 4, 50, 6, in_steps=True),
    "rgb-150x200-tiles-128": Case(200, 150, 3, 0, 7),
    "rgb-150x200-tiles-128-map": Case(
        *(200, 150, 3, 40, 7), quality_map=bytes([40, 40, 90] * 3 + [40] * 3)
    ),
    "gray-200x150-steps": Case(150, 200, 1, 100, in_steps=True),
    "gray-65x64-even-map": Case(64, 65, 1, 90, quality_map=bytes([20, 20])),
    "gray-alpha-opaque-65x64-map": Case(
        *(64, 65, 2, 0, 6), opaque=True, quality_map=bytes([70, 10])
    ),
    "rgb-metadata-40x40": Case(40, 40, 3, 50, metadata=Metadata(ICC, EXIF, XMP)),
}
# Files of more than 8 bits, and of colours that are not those of sRGB.
DEEP_CASES = {
    "gray-1x1-depth-9": Case(1, 1, 1, 50, depth=9),
    "rgb-17x5-depth-10": Case(
        *(5, 17, 3, 100), depth=10, metadata=Metadata(code_points=PQ, mastering=DISPLAY)
    ),
    "gray-alpha-64x64-depth-12-steps": Case(64, 64, 2, 50, in_steps=True, depth=12),
    "rgba-100x70-depth-16-tiles-64": Case(70, 100, 4, 90, 6, depth=16),
    "rgba-opaque-65x64-depth-16": Case(64, 65, 4, 90, opaque=True, depth=16),
    "rgb-40x40-code-points": Case(40, 40, 3, 50, metadata=Metadata(code_points=PQ)),
}
# Those of a model whose pixels are exact: few cells, as a slow decoder paints them.
EXACT_CASES = {
    name: (CASES | DEEP_CASES)[name]
    for name in (
        *("gray-1x1-steps", "rgba-1x1", "rgb-17x5", "gray-alpha-64x64-steps"),
        *("gray-65x64-even-map", "rgb-130x70-tiles-64"),
        *("rgb-130x70-tiles-64-steps-map", "rgb-17x5-depth-10"),
        *("gray-alpha-64x64-depth-12-steps", "rgba-opaque-65x64-depth-16"),
    )
}
SHIPPED_CASES = {
    "rgb-100x75-q10": Case(75, 100, 3, 10),
    "rgba-100x75-q60-steps": Case(75, 100, 4, 60, 6, in_steps=True),
    "gray-100x75-q100": Case(75, 100, 1, 100),
    "rgb-100x75-map-steps": Case(
        *(75, 100, 3, 40), in_steps=True, quality_map=bytes([40, 80, 40, 20])
    ),
}


def picture(case: Case) -> Samples:
    """A part of a photograph with the channels of a case, [H, W] or [H, W, 2..4]."""
    samples = load("camera" if case.channels < 3 else "astronaut")
    colours = samples[30 : 30 + case.height, 150 : 150 + case.width]
    if case.depth > 8:
        colours = _with_more_bits(colours, case.depth)
    if case.channels % 2:
        return colours
    alpha = np.full((case.height, case.width), 255, np.uint8)
    if not case.opaque:
        alpha[:64, :64] = _soft_disc()[: case.height, : case.width]
    return np.dstack([colours, of_depth(alpha, 8, case.depth)])


def load(name: str) -> Samples:
    """A photograph of scikit-image."""
    return np.array(getattr(photographs, name)())


def _with_more_bits(samples: Samples, depth: int) -> Samples:
    """Lower bits of their own in every column."""
    deep = of_depth(samples, 8, depth).swapaxes(0, 1)
    columns = np.arange(len(deep), dtype=np.uint16) & ((1 << (depth - 8)) - 1)
    deep ^= columns.reshape(-1, *[1] * (deep.ndim - 1))
    return deep.swapaxes(0, 1)


def _soft_disc() -> Samples:
    """Alpha with all values and a hard edge, [64, 64]."""
    y, x = np.mgrid[:64, :64]
    return np.clip(8 * (np.hypot(y - 30, x - 40) - 4), 0, 254).astype(np.uint8)
