"""AVIF files without loss, of 8, 10 or 12 bits, written by libvips (the extra `deep`).

In: a picture; out: the bytes of an AVIF file whose samples are RGB, in full range and
with the colour code points of the picture; gray becomes three equal channels. Depths
between those of AVIF are scaled to the next one.
ISO/IEC 23000-22 (MIAF), 14496-12 (the box colr); ITU-T H.273.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from vaecodec.cli.image_metadata import metadata_options
from vaecodec.format.metadata import Metadata
from vaecodec.models.depth import SHALLOW, Samples, of_depth

if TYPE_CHECKING:
    from vaecodec.codec.pictures.picture import Picture

DEPTHS = (8, 10, 12)
EFFORT = 2  # of 0..9; with 4 files are a sixth smaller and take five times as long

# Names of metadata in libvips, and how it is told to keep them. To Exif it adds tags of
# its own; without being told, also where there was none.
_FIELDS = {
    "icc_profile": ("icc-profile-data", "icc"),
    "exif": ("exif-data", "exif"),
    "xmp": ("xmp-data", "xmp"),
}
_COLOURS = b"colrnclx"


def pack_avif(picture: Picture) -> bytes:
    """An AVIF file with the metadata that it can hold.

    Raises:
        OSError: It cannot hold so many bits or pixels, or the extra `deep` is missing.
    """
    depth = min((d for d in DEPTHS if d >= picture.depth), default=None)
    if depth is None:
        raise OSError(
            f".avif cannot hold {picture.depth} bits, at most {DEPTHS[-1]} "
            "(.png, .tiff and .ppm can)"
        )
    if find_spec("pyvips") is None:
        raise OSError(
            ".avif is written with the extra 'deep' (pip install 'vaecodec[deep]')"
        )
    samples = of_depth(_with_colours(picture.samples), picture.depth, depth)
    fields = metadata_options(_held_metadata(picture), "AVIF")
    packed = _written(samples, depth, fields)
    points = picture.metadata.code_points
    return _with_code_points(packed, points) if points else packed


def _held_metadata(picture: Picture) -> Metadata:
    """All but a profile that does not fit."""
    metadata = picture.metadata
    is_gray = np.atleast_3d(picture.samples).shape[2] < 3
    if not (metadata.icc_profile and (is_gray or metadata.code_points)):
        return metadata
    why = "of gray" if is_gray else "beside colour code points"
    message = f"not kept: ICC profile (AVIF cannot hold one {why})"
    warnings.warn(message, stacklevel=2)
    return replace(metadata, icc_profile=None)


def _with_colours(samples: Samples) -> Samples:
    """[H, W, 3] or [H, W, 4]."""
    planes = np.atleast_3d(samples)
    gray = planes.shape[2] < 3
    return np.dstack([planes[:, :, :1]] * 2 + [planes]) if gray else planes


def _written(samples: Samples, depth: int, fields: dict[str, bytes]) -> bytes:
    import pyvips

    # libvips takes the bits from the upper end of 16.
    deep = depth > SHALLOW
    placed = samples << 16 - depth if deep else samples
    kind = "rgb16" if deep else "srgb"
    try:
        image: Any = pyvips.Image.new_from_array(
            np.ascontiguousarray(placed), interpretation=kind
        )
        for field, value in fields.items():
            image.set_type(pyvips.GValue.blob_type, _FIELDS[field][0], value)
        packed: bytes = image.heifsave_buffer(
            compression="av1",
            bitdepth=depth,
            lossless=True,
            effort=EFFORT,
            keep="|".join(_FIELDS[field][1] for field in fields) or "none",
        )
    except pyvips.Error as error:
        reason = " ".join(str(error).split())
        raise OSError(f"libvips cannot write this image as AVIF: {reason}") from error
    return packed


def _with_code_points(packed: bytes, points: bytes) -> bytes:
    """The file with other primaries and transfer function; its samples are RGB."""
    start = packed.index(_COLOURS) + len(_COLOURS)
    primaries, transfer, *_ = points
    colours = bytes([0, primaries, 0, transfer])
    return packed[:start] + colours + packed[start + len(colours) :]
