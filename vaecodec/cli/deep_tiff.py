"""TIFF files of pictures with more than 8 bits, of which Pillow only writes gray ones.

In: a picture; out: the bytes of a TIFF file of 16 bits, deflated, in strips. TIFF has
no way to say that samples of 16 bits had fewer: these are scaled. The directory with
all tags is packed by Pillow.
TIFF 6.0, sections 8 (tags), 14 (differencing predictor), 18 (associated alpha).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vaecodec.cli.image_metadata import metadata_options
from vaecodec.models.depth import Samples, of_depth

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    from vaecodec.codec.pictures.picture import Picture

BITS = 16
STRIP_BYTES = 1 << 18
LEVEL = 6  # of zlib

_DEFLATE, _DIFFERENCES, _TOGETHER, _UNASSOCIATED = 8, 2, 1, 2
_BLACK_IS_ZERO, _RGB = 1, 2


def pack_tiff(picture: Picture) -> bytes:
    """A TIFF file of 16 bits, with the metadata that it can hold."""
    planes = np.atleast_3d(of_depth(picture.samples, picture.depth, BITS))
    rows = max(1, STRIP_BYTES // (planes[0].size * 2))
    strips = list(_strips(planes, rows))
    directory = _directory(planes, rows, [len(strip) for strip in strips])
    _add_metadata(directory, picture)
    stream = io.BytesIO()
    directory.save(stream)
    return b"".join([stream.getvalue(), *strips])


def _strips(planes: Samples, rows: int) -> Iterator[bytes]:
    """Rows of differences to the left, [H, W, C], deflated."""
    for top in range(0, len(planes), rows):
        strip = planes[top : top + rows]
        rest = np.diff(strip, axis=1, prepend=strip.dtype.type(0))
        yield zlib.compress(rest.astype("<u2").tobytes(), LEVEL)


def _directory(planes: Samples, rows: int, sizes: list[int]) -> ImageFileDirectory_v2:
    """The tags that say how the samples lie in the file."""
    from PIL import TiffImagePlugin as Tag

    height, width, channels = planes.shape
    directory = Tag.ImageFileDirectory_v2(prefix=Tag.II)
    directory[Tag.IMAGEWIDTH], directory[Tag.IMAGELENGTH] = width, height
    directory[Tag.BITSPERSAMPLE] = (BITS,) * channels
    directory[Tag.SAMPLESPERPIXEL] = channels
    directory[Tag.PHOTOMETRIC_INTERPRETATION] = _RGB if channels > 2 else _BLACK_IS_ZERO
    directory[Tag.PLANAR_CONFIGURATION] = _TOGETHER
    if channels in (2, 4):
        directory[Tag.EXTRASAMPLES] = _UNASSOCIATED
    directory[Tag.COMPRESSION], directory[Tag.PREDICTOR] = _DEFLATE, _DIFFERENCES
    directory[Tag.ROWSPERSTRIP] = rows
    directory[Tag.STRIPBYTECOUNTS] = tuple(sizes)
    # Counted from the end of the directory; Pillow adds where that is.
    starts = np.cumsum([0, *sizes[:-1]])
    directory[Tag.STRIPOFFSETS] = tuple(starts.tolist())
    return directory


def _add_metadata(directory: ImageFileDirectory_v2, picture: Picture) -> None:
    from PIL import TiffImagePlugin as Tag
    from PIL.TiffTags import TAGS_V2_GROUPS

    options = metadata_options(picture.metadata, "TIFF")
    tags = options.get("exif", {})
    for tag in tags:
        is_directory = tag in TAGS_V2_GROUPS
        directory[tag] = tags.get_ifd(tag) if is_directory else tags[tag]
    if profile := options.get("icc_profile"):
        directory[Tag.ICCPROFILE] = profile
