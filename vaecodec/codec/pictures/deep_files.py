"""Image files of more than 8 bits per sample -> all bits of every sample.

In: an image that Pillow opened and has not loaded yet, and the bytes of its file; out:
uint16 samples and their depth, or nothing where there is no way to them. Pillow keeps
gray of 16 bits, and of colours the upper byte. It finds that byte by the name of a raw
mode, which says in which order the two are: by the other name it finds the lower byte,
so a file that is read twice gives both. AVIF is read by libvips, which comes with the
extra `deep`.
PNG (third edition), section 11.3; Netpbm's ppm(5).
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from vaecodec.codec.pictures.conversion import Reading
from vaecodec.codec.pictures.file_facts import is_in_planes
from vaecodec.errors import ImageError
from vaecodec.models.depth import SHALLOW, Samples, greatest, of_depth, scaled

DEEPEST = 16
_TWO_BYTES = re.compile(r"(RGB[AX]?;16)([BLN])")
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
# Pillow has no mode for these: read as if they were RGBA of 8 bits, nothing is lost.
_GRAY_AND_ALPHA, _AS_FOUR_BYTES = "LA;16B", "RGBA"
# A chunk of PNG that stands before the samples: how many bits they had once.
_SIGNIFICANT_BITS = re.compile(rb"\0\0\0([\x01-\x04])sBIT")
_HEAD = 1 << 16


Read = Callable[[], Reading]


def deep_reader(
    image: Image.Image, data: bytes, bits: int, *, convert: bool
) -> Read | None:
    """How to read all bits of an image once it is loaded; None if there is no way.

    Args:
        image: not loaded yet.
        data: bytes of its file, or none.
        bits: of a sample in the file.
        convert: whether 8 bits are enough.

    Raises:
        ImageError: What reads such files is not installed.
    """
    if bits <= SHALLOW:
        return None
    if image.format == "AVIF":
        usable = data and _has_libvips(bits, convert)
        return (lambda: _avif(image, data, bits)) if usable else None
    if image.format == "PPM" and (read := _ppm(image, data)):
        return read
    found = _gray(image) or (_colours(image, data) if data else None)
    if found is None or image.format != "PNG":
        return found and (lambda: Reading(found(), bits))
    return lambda: _png(image, found(), data)


def _has_libvips(bits: int, convert: bool) -> bool:
    """Whether the extra `deep` is installed."""
    found = find_spec("pyvips") is not None
    if not found and not convert:
        raise ImageError(
            f"AVIF of {bits} bits is read with the extra 'deep' (pip install "
            "'vaecodec[deep]'); convert=True (--convert) keeps 8 of them"
        )
    return found


def _gray(image: Image.Image) -> Callable[[], Samples] | None:
    if image.mode[0] == "I":
        return lambda: np.asarray(image).astype(np.uint16)
    return None


def _colours(image: Image.Image, data: bytes) -> Callable[[], Samples] | None:
    """Both bytes of each sample, if Pillow keeps the upper one."""
    if is_in_planes(image):
        return None
    modes = {_raw_mode(tile) for tile in getattr(image, "tile", ())}
    if modes == {_GRAY_AND_ALPHA}:
        pairs = _opened_as(data, lambda _: _AS_FOUR_BYTES)
        return lambda: np.asarray(pairs).view(">u2").astype(np.uint16)
    if not modes or not all(map(_TWO_BYTES.fullmatch, modes)):
        return None
    other = _opened_as(data, _with_the_other_order)

    def read() -> Samples:
        samples = np.asarray(image).astype(np.uint16)
        samples <<= 8
        samples |= np.asarray(other)
        return samples

    return read


def _opened_as(data: bytes, change: Callable[[str], str]) -> Image.Image:
    """The image of a file, to be loaded by other raw modes."""
    image = Image.open(io.BytesIO(data))
    image.tile = [_with_raw_mode(tile, change) for tile in image.tile]
    return image


def _raw_mode(tile: Any) -> str:
    arguments = tile.args
    return arguments if isinstance(arguments, str) else str(arguments[0])


def _with_raw_mode(tile: Any, change: Callable[[str], str]) -> Any:
    arguments, mode = tile.args, change(_raw_mode(tile))
    rest = () if isinstance(arguments, str) else arguments[1:]
    return tile._replace(args=(mode, *rest) if rest else mode)


def _with_the_other_order(mode: str) -> str:
    return mode[:-1] + _OTHER_ORDER[mode[-1]]


def _png(image: Image.Image, samples: Samples, data: bytes) -> Reading:
    """Samples with the depth that they once had, and alpha for a transparent colour."""
    key = image.info.get("transparency")
    if key is not None:
        seen = np.atleast_3d(samples != np.array(key)).any(axis=2)
        alpha = seen * np.uint16(greatest(DEEPEST))
        samples = np.dstack([samples, alpha])
    depth = _significant_bits(data)
    if SHALLOW < depth < DEEPEST:
        fewer = of_depth(samples, DEEPEST, depth)
        if np.array_equal(of_depth(fewer, depth, DEEPEST), samples):
            return Reading(fewer, depth)
    return Reading(samples, DEEPEST)


def _significant_bits(data: bytes) -> int:
    found = _SIGNIFICANT_BITS.search(data[:_HEAD])
    bits = data[found.end() :][: found[1][0]] if found else b""
    return max(bits, default=DEEPEST)


def _ppm(image: Image.Image, data: bytes) -> Read | None:
    """Samples 0 to any number, which are scaled if it is not the greatest of a depth.

    Pillow has read the head of the file, and says where they begin.
    """
    [tile] = image.tile  # type: ignore[attr-defined]
    if tile.codec_name not in ("ppm", "raw") or not data:
        return None
    most = tile.args[-1] if tile.codec_name == "ppm" else greatest(DEEPEST)
    shape = (image.height, image.width, *([3] if image.mode == "RGB" else []))

    def read() -> Reading:
        stored = np.frombuffer(data, ">u2", int(np.prod(shape)), tile.offset)
        samples = stored.reshape(shape).astype(np.uint16).clip(max=most)
        if most == greatest(depth := most.bit_length()):
            return Reading(samples, depth)
        return Reading(scaled(samples, most, greatest(DEEPEST)), DEEPEST)

    return read


def _avif(opened: Image.Image, data: bytes, bits: int) -> Reading:
    """What libvips reads, which puts the bits at the upper end of 16 and turns."""
    import pyvips

    try:
        image = pyvips.Image.heifload_buffer(data)
        if sorted(opened.size) != sorted((image.width, image.height)):
            raise ImageError("Pillow and libvips find images of different sizes in it")
        samples = np.asarray(image.numpy()) >> (DEEPEST - bits)
    except pyvips.Error as error:
        reason = " ".join(str(error).split())
        raise ImageError(f"not a readable image: {reason}") from error
    turned = any(sign in data[:_HEAD] for sign in (b"irot", b"imir"))
    return Reading(samples.astype(np.uint16, copy=False), bits, turned)
