"""What users hand in -> samples and metadata, with nothing lost in silence; and back.

In: an image file, a PIL image or an array; out: a `Picture`. What
would be lost for good is refused with an `ImageError`, unless `convert` allows it; what
is left out, and whatever `convert` gives up, is named. Pillow reads the files.
"""

from __future__ import annotations

import contextlib
import io
import operator
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.pictures.companions import (
    companions_left_out,
    without_claims,
)
from vaecodec.codec.pictures.conversion import conversion_of, needs_convert
from vaecodec.codec.pictures.deep_files import deep_reader
from vaecodec.codec.pictures.file_facts import (
    application_data,
    extra_channels,
    is_negative,
    misread_samples,
    sample_bits,
)
from vaecodec.codec.pictures.orientation import (
    UPRIGHT,
    turned_upright,
    with_upright,
)
from vaecodec.codec.pictures.picture_metadata import (
    check_metadata,
    colours_left_out,
    metadata_left_out,
    metadata_of,
    stored_orientation,
)
from vaecodec.errors import ImageError
from vaecodec.format.file_bytes import Encoded, all_bytes
from vaecodec.format.header import MAX_DEPTH, MAX_SIDE, MIN_DEPTH
from vaecodec.format.metadata import FIELDS, NO_METADATA, Metadata
from vaecodec.format.pixel_limit import check_pixels
from vaecodec.models.depth import SHALLOW, Samples, dtype_of, greatest, of_depth

DEPTHS = range(MIN_DEPTH, MAX_DEPTH + 1)


@dataclass(frozen=True)
class Picture:
    """An image as the codec takes it.

    Attributes:
        samples: gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
            [H, W, 4]; upright, maybe a view.
        metadata: what goes into the file beside them.
        left_out: names for what was there and goes nowhere.
        depth: bits of a sample, 8..16.
    """

    samples: Samples
    metadata: Metadata = NO_METADATA
    left_out: tuple[str, ...] = ()
    depth: int = SHALLOW


Source = Encoded | Image.Image | Samples | Picture


def read_picture(
    source: Source, *, metadata: bool = True, convert: bool = False
) -> Picture:
    """Read any source.

    Args:
        source: image file (as for `opened`), PIL image, or array as of a `Picture`; a
            `Picture` is passed on.
        metadata: whether ICC profile, Exif and XMP are kept.
        convert: whether bits that cannot be read, other colour spaces than gray and
            RGB, and all frames but one may be given up.

    Raises:
        ImageError: The source is no image, or of a kind that cannot be kept.
        OSError: A path or file cannot be read.
        TypeError: The source is of another type.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, Image.Image):
        return _from_pillow(source, b"", metadata=metadata, convert=convert)
    if hasattr(source, "__array__"):
        return picture_of(source)
    return _from_bytes(all_bytes(source), metadata=metadata, convert=convert)


def to_image(picture: Picture) -> Image.Image:
    """A PIL image with the metadata in its `info`.

    Its mode is L, LA, RGB or RGBA, of 8 bits. Of more bits Pillow can hold gray alone:
    that becomes I;16, with samples that fill all of the 16 bits. Of other pictures a
    warning says how many bits are left out.
    """
    samples, depth = picture.samples, picture.depth
    wanted = MAX_DEPTH if depth > SHALLOW and samples.ndim == 2 else SHALLOW
    if depth > wanted:
        warnings.warn(
            f"not kept: the lower {depth - wanted} of {depth} bits, which a PIL image "
            "has no room for (vaecodec.decode returns them)",
            stacklevel=3,
        )
    image = Image.fromarray(of_depth(samples, depth, wanted))
    for field in FIELDS.values():
        value: bytes | None = getattr(picture.metadata, field)
        if value is not None:
            image.info[field] = value
    return image


def picture_of(array: Any, depth: int | None = None) -> Picture:
    """The picture of an array, or of what numpy makes of one of another library.

    Args:
        array: uint8, or uint16 of 9 to 16 bits, [H, W] or [H, W, 2..4].
        depth: bits of a sample; None is all that the dtype has.

    Raises:
        ImageError: The array has another dtype or shape, is empty or too large, or a
            sample has more bits.
        ValueError: Samples of this dtype do not have so many bits.
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
    return Picture(samples.astype(dtype, copy=False), depth=bits)


def _check_shape(samples: NDArray[Any]) -> None:
    if samples.ndim != 2 and (samples.ndim != 3 or samples.shape[2] not in (2, 3, 4)):
        raise ImageError(
            f"array of shape {list(samples.shape)}, expected [H, W] or [H, W, 2..4]"
        )
    _check_size(samples.shape[1], samples.shape[0])


def _check_size(width: int, height: int) -> None:
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise ImageError(f"{width} x {height} pixels, each side must be 1..{MAX_SIDE}")
    check_pixels(width, height, error=ImageError)


@contextlib.contextmanager
def _image_errors() -> Iterator[None]:
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        reason = str(error).partition(" <_io")[0] or type(error).__name__
        raise ImageError(f"not a readable image: {reason}") from error


@_image_errors()
def _from_bytes(data: bytes, *, metadata: bool, convert: bool) -> Picture:
    with warnings.catch_warnings():
        # Of two limits on pixels, the one of this program is meant here.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(data))
    with image:
        return _from_pillow(image, data, metadata=metadata, convert=convert)


@_image_errors()
def _from_pillow(
    image: Image.Image, data: bytes, *, metadata: bool, convert: bool
) -> Picture:
    _check_size(*image.size)
    left_out = list(_pictures_left_out(image, convert=convert))
    bits = sample_bits(image, data)
    read_deep = deep_reader(image, data, bits, convert=convert)
    image.load()
    if misread := misread_samples(image):
        raise ImageError(f"not supported: {misread}")
    if read_deep:
        reading = read_deep()
    else:
        reading = conversion_of(
            image, bits=bits, convert=convert, profile_matters=metadata
        ).read(image)
    samples = reading.samples
    if is_negative(image):
        np.bitwise_xor(samples, greatest(reading.depth), out=samples)
    found = metadata_of(image, data)
    left_out += filter(None, (reading.lost, extra_channels(image)))
    left_out += colours_left_out(image, found)
    left_out += companions_left_out(data or application_data(image), found.xmp)
    if metadata:
        left_out += metadata_left_out(image, found)
    orientation = stored_orientation(image, found)
    turn = UPRIGHT if reading.upright else orientation or UPRIGHT
    kept = _kept(found, turned=orientation is not None) if metadata else NO_METADATA
    if metadata and found.xmp and not kept.xmp:
        left_out.append("damaged XMP")
    if kept.icc_profile and not reading.keeps_profile:
        kept = replace(kept, icc_profile=None)
        left_out.append("the ICC profile (the colours are sRGB now)")
    upright = turned_upright(samples, turn)
    return Picture(upright, kept, tuple(left_out), reading.depth)


def _kept(found: Metadata, *, turned: bool) -> Metadata:
    """Metadata that is true of the picture as it is coded."""
    true = with_upright(found) if turned else found
    return check_metadata(replace(true, xmp=without_claims(true.xmp)))


def _pictures_left_out(image: Image.Image, *, convert: bool) -> Iterator[str]:
    """Name further pictures in a file; ask, if they may be what it is about."""
    frames = getattr(image, "n_frames", 1)
    if image.format == "MPO":
        # Phones append depth maps or previews to a JPEG; the picture is the first.
        yield "the further pictures of a multi-picture JPEG"
    elif frames > 1:
        lost = f"all but one of {frames} frames"
        if not convert:
            raise ImageError(needs_convert(lost))
        yield lost
    if len(image.info.get("sizes", ())) > 1:
        yield "the smaller sizes of an icon"
