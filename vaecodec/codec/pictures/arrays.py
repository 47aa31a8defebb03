"""Arrays that users hand in -> samples, their depth and what their channels are.

In: an array, or what numpy makes an array of; out: samples that a file can hold, or an
error that names what is wrong with them.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import FormatError, ImageError
from vaecodec.format.header import MAX_DEPTH, MAX_SIDE, MIN_DEPTH
from vaecodec.format.pixel_limit import check_pixels
from vaecodec.format.roles import LAYOUTS, MAX_CHANNELS, Role, Roles, list_of
from vaecodec.models.depth import Samples, dtype_of, greatest

DEPTHS = range(MIN_DEPTH, MAX_DEPTH + 1)


def checked_array(array: Any, depth: int | None) -> tuple[Samples, int]:
    """Samples in the byte order of this machine, and how many bits they have.

    Raises:
        ImageError, ValueError: As `picture_of`.
    """
    samples = np.asarray(array)
    # Networks and image files want the bytes in the order of this machine.
    dtype = samples.dtype.newbyteorder("=")
    if dtype not in (np.uint8, np.uint16):
        raise ImageError(f"samples are {dtype}, only uint8 and uint16 are supported")
    bits = 8 * samples.itemsize if depth is None else operator.index(depth)
    if bits not in DEPTHS or dtype != dtype_of(bits):
        raise ValueError(
            f"depth {bits} of {dtype}, allowed 8 of uint8, 9..16 of uint16"
        )
    _check_shape(samples)
    most = greatest(bits)
    if bits not in (MIN_DEPTH, MAX_DEPTH) and (found := samples.max()) > most:
        raise ImageError(f"a sample of {found}, at most {most} with {bits} bits")
    return samples.astype(dtype, copy=False), bits


def listed_roles(channels: int, roles: Sequence[str] | None) -> Roles:
    """The list of channels that a file needs; none where their number says it all.

    Raises:
        ValueError: These are not the roles of so many channels.
    """
    if roles is None:
        return () if channels in LAYOUTS else (Role.OTHER,) * channels
    if isinstance(roles, str) or len(roles) != channels:
        raise ValueError(f"roles {roles!r}, expected one for each of {channels}")
    try:
        return list_of(roles)
    except FormatError as error:
        raise ValueError(str(error)) from error


def channels_of(samples: NDArray[Any]) -> int:
    """How many channels [H, W] or [H, W, C] has."""
    return 1 if samples.ndim == 2 else samples.shape[2]


def check_size(width: int, height: int, channels: int = 1) -> None:
    """Refuse an image that no file, or not this program, can hold.

    Raises:
        ImageError: A side is out of range, or it has more than `max_pixels()` pixels.
    """
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise ImageError(f"{width} x {height} pixels, each side must be 1..{MAX_SIDE}")
    check_pixels(width, height, channels, error=ImageError)


def _check_shape(samples: NDArray[Any]) -> None:
    allowed = range(2, MAX_CHANNELS + 1)
    if samples.ndim != 2 and (samples.ndim != 3 or samples.shape[2] not in allowed):
        raise ImageError(
            f"array of shape {list(samples.shape)}, expected [H, W] or "
            f"[H, W, 2..{MAX_CHANNELS}]"
        )
    check_size(samples.shape[1], samples.shape[0], channels_of(samples))
