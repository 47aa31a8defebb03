"""What users hand in -> samples and metadata, with nothing lost in silence; and back.

In: an image file, a PIL image or an array; out: a `Picture`. What
would be lost for good is refused with an `ImageError`, unless `convert` allows it; what
is left out, and whatever `convert` gives up, is named. Pillow reads the files.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from vaecodec.codec.pictures.arrays import (
    channels_of,
    check_size,
    checked_array,
    listed_roles,
)
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
from vaecodec.errors import FormatError, ImageError
from vaecodec.format.file_bytes import Encoded, all_bytes
from vaecodec.format.header import MAX_DEPTH
from vaecodec.format.metadata import FIELDS, NO_METADATA, Metadata
from vaecodec.format.roles import Roles, words_of
from vaecodec.models.depth import SHALLOW, Samples, greatest, of_depth


@dataclass(frozen=True)
class Picture:
    """An image as the codec takes it.

    Attributes:
        samples: gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
            [H, W, 4]; of up to 16 channels if they are listed. Upright, maybe a view.
        metadata: what goes into the file beside them.
        left_out: names for what was there and goes nowhere.
        depth: bits of a sample, 8..16.
        listed: what each channel is, where the number of channels does not say it.
        unnamed: nobody has said what the channels are, the number is all there is.
    """

    samples: Samples
    metadata: Metadata = NO_METADATA
    left_out: tuple[str, ...] = ()
    depth: int = SHALLOW
    listed: Roles = ()
    unnamed: bool = False


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

    Raises:
        FormatError: The picture has other channels.
    """
    check_drawable(picture.listed)
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


def check_drawable(listed: Roles) -> None:
    """Refuse channels that are those of no image.

    Raises:
        FormatError: Channels are listed.
    """
    if listed:
        raise FormatError(
            f"channels {words_of(listed)}: no image has these (vaecodec.decode returns "
            "them as an array)"
        )


def picture_of(
    array: Any, depth: int | None = None, roles: Sequence[str] | None = None
) -> Picture:
    """The picture of an array, or of what numpy makes of one of another library.

    Args:
        array: uint8, or uint16 of 9 to 16 bits, [H, W] or [H, W, 2..16].
        depth: bits of a sample; None is all that the dtype has.
        roles: what each channel is, "gray", "red", "green", "blue", "alpha" or "other";
            None for gray, gray and alpha, RGB, RGB and alpha, or 5 to 16 others.

    Raises:
        ImageError: The array has another dtype or shape, is empty or too large, or a
            sample has more bits.
        ValueError: Samples of this dtype do not have so many bits, or the roles are not
            those of so many channels.
    """
    samples, bits = checked_array(array, depth)
    listed = listed_roles(channels_of(samples), roles)
    return Picture(samples, depth=bits, listed=listed, unnamed=roles is None)


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
    check_size(*image.size)
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
