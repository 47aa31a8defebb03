"""Files -> images as training takes them, in the loaders that people already have.

In: `.vaec` files. Out: RGB, channels first: whole images, previews, or random crops of
which only the tiles are read. `vaecodec.plugins.torch` makes a data set of it. Decoding
takes one thread, because loaders have several processes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from vaecodec.api import decompressed
from vaecodec.codec.geometry.areas import Region
from vaecodec.codec.options import DecodeOptions
from vaecodec.codec.pictures.picture import check_drawable
from vaecodec.format.beginning import parse_header
from vaecodec.format.file_bytes import Encoded, opened
from vaecodec.models.depth import Samples


@dataclass(frozen=True)
class ImageReader:
    """Reads files as RGB [3, H, W]: gray is repeated, alpha is left out.

    Samples are uint8, or uint16 from files of more than 8 bits.

    Args:
        crop: Side of a random square, drawn anew for each call from Python's `random`,
            which PyTorch seeds differently in each worker. Smaller images are mirrored
            at their edges.
        preview: 8 for images of an eighth of the width and height.
    """

    crop: int | None = None
    preview: int | None = None

    def __post_init__(self) -> None:
        if self.crop is not None and self.crop < 1:
            raise ValueError(f"crop {self.crop}, allowed 1 or more")

    def __call__(self, file: Encoded) -> Samples:
        """Decode a file; raises what `vaecodec.decode` does.

        Raises FormatError if it has other channels than gray, RGB and alpha.
        """
        region = None if self.crop is None else random_region(file, self.crop)
        options = DecodeOptions(region=region, preview=self.preview, threads=1)
        picture = decompressed(file, options)
        check_drawable(picture.listed)
        planes = _rgb(picture.samples).transpose(2, 0, 1)
        return planes if self.crop is None else _mirrored(planes, self.crop)


class WebDatasetDecoder:
    """Decodes entries that end in `vaec`: `.decode(WebDatasetDecoder(crop=256))`.

    Args:
        crop: As for `ImageReader`.
        preview: As for `ImageReader`.
    """

    def __init__(self, *, crop: int | None = None, preview: int | None = None) -> None:
        self._read = ImageReader(crop, preview)

    def __call__(self, key: str, data: bytes) -> Samples | None:
        """RGB [3, H, W], or None if another decoder must take the entry."""
        return self._read(data) if key.endswith("vaec") else None


def random_region(file: Encoded, side: int) -> Region:
    """Anywhere in the image: a square, or less where the image has less.

    Raises:
        FormatError: The data does not begin like a `.vaec` file.
        OSError: A path or file cannot be read.
    """
    with opened(file) as data:
        header = parse_header(data)
    width, height = min(side, header.width), min(side, header.height)
    x = random.randint(0, header.width - width)
    y = random.randint(0, header.height - height)
    return x, y, width, height


def _rgb(samples: Samples) -> Samples:
    """[H, W] or [H, W, 2..4] -> [H, W, 3]."""
    if samples.ndim == 2:
        samples = samples[:, :, None]
    if samples.shape[2] < 3:
        return samples[:, :, :1].repeat(3, axis=2)
    return samples[:, :, :3]


def _mirrored(planes: Samples, side: int) -> Samples:
    """[3, h, w] -> [3, side, side]."""
    missing = [(0, side - length) for length in planes.shape[1:]]
    return np.pad(planes, [(0, 0), *missing], mode="symmetric")
