"""The two walks, from image to file bytes and back, and what hangs on them.

Every public function here is a front door of the package: it takes what users have
(paths, bytes, opened files, PIL images, arrays) and raises only `VaecodecError` for
what is wrong with it.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence

from PIL import Image

from vaecodec.codec.coding import decode_samples, encode_picture
from vaecodec.codec.encoded_file import parsed
from vaecodec.codec.geometry.areas import Region
from vaecodec.codec.options import (
    DecodeOptions,
    EncodeOptions,
    Integers,
    Model,
    Tune,
)
from vaecodec.codec.pictures.picture import (
    Picture,
    Source,
    picture_of,
    read_picture,
    to_image,
)
from vaecodec.codec.recovery import Damage, find_damage, recover_picture
from vaecodec.codec.search.effort import USUAL
from vaecodec.codec.search.targets import Target
from vaecodec.errors import FormatError
from vaecodec.format.container import ImageFile
from vaecodec.format.file_bytes import Encoded, all_bytes
from vaecodec.format.header import DEFAULT_QUALITY
from vaecodec.models.depth import Samples

MOST_REASONS = 5  # in one message


def compress(
    image: Source,
    quality: int = DEFAULT_QUALITY,
    *,
    tune: Tune | None = None,
    metadata: bool = True,
    convert: bool = False,
    quality_map: Integers | None = None,
    target_size: int | None = None,
    target_bpp: float | None = None,
    target_psnr: float | None = None,
    target_ssimulacra2: float | None = None,
    model: Model = None,
    lossless: bool | None = None,
    max_error: int | None = None,
    effort: int = USUAL,
    threads: int | None = None,
) -> bytes:
    """Compress an image to the bytes of a `.vaec` file.

    Args:
        image: The path of an image file, an image file as a bytes-like object or
            opened for reading bytes, a PIL image, or an array as for `encode`. Colours
            under alpha 0 are replaced by a smooth continuation of those around them.
        quality: 0 (smallest file) to 100 (best image). With `tune="eye"`, quality q
            aims at a mean SSIMULACRA2 score of q for q from 30 to 90: 30 is low, 50
            medium, 70 high, 90 visually lossless. With `tune="psnr"` it sets the
            trade-off between size and error, without aiming at a score.
        tune: What the model was trained for: "eye" (images that look good) or "psnr"
            (the smallest squared error). None means "eye", unless `model` is given.
        metadata: Keep ICC profile, Exif and XMP byte for byte; only the orientation is
            changed, because it is applied to the pixels. An image without a profile is
            taken to be sRGB.
        convert: Accept images that would otherwise be refused because something is
            lost: bits of samples that cannot be read, colour spaces other than gray
            and RGB, several frames (keeps one).
        quality_map: The quality of each part of the image: integers 0..100, one for
            each 64 x 64 pixels, [ceil(H / 64), ceil(W / 64)]. `quality` then has no
            effect.
        target_size: Search for the quality that gives a file of at most this many
            bytes, and at least 98 % of them. Below 2048 bytes: the largest that fits.
        target_bpp: The same in bits of the whole file per pixel.
        target_psnr: Search for the quality that gives at least this PSNR in dB, and at
            most 2 % more. Files below 2048 bytes may exceed that.
        target_ssimulacra2: Search for the quality that gives at least this SSIMULACRA2
            score, and at most 1 more. Files below 2048 bytes may exceed that.
        model: Name or path of a model, instead of `tune`.
        lossless: True keeps every sample, colours under alpha 0 as well. False never
            does. None does where the file is smaller than the lossy one, as for most
            screenshots, text and drawings, unless `model` is given.
        max_error: Keep every colour sample within this distance of its value, 0..127
            for 8 bits and less than half of the range for others, and alpha exactly;
            by the same means as `lossless`. 0 is lossless.
        effort: 2, or 3 to search for a better image in about as many bytes. This takes
            tens of times as long, for each trial of a target as well; decompressing
            takes no longer. Not with a quality map. 1 writes lossless files several
            times as fast; those of photographs become some 10 % larger.
        threads: Threads for the networks; None uses all cores.

    At most one target may be given; `quality` then has no effect.

    One warning (UserWarning) names everything that is left out of the file.

    Raises:
        ImageError: The image cannot be read, or cannot be kept as it is.
        ModelError: The model is missing or damaged.
        TypeError: The image has none of these types, or the quality is not an integer.
        ValueError: A quality is not in 0..100, the effort is not 1..3, the quality
            map does not fit the image or comes with a target or an effort of 3,
            `threads` is less than 1, several targets are given or one is not above 0,
            `tune` is unknown, both `tune` and `model` are given, or `lossless` or
            `max_error` comes with any of these but a quality, or is not in its range.
        TargetError: The target is out of reach; the message says what is possible.
        OSError: A path cannot be read.
    """
    targets = (target_size, target_bpp, target_psnr, target_ssimulacra2)
    given = any(value is not None for value in targets)
    options = EncodeOptions(
        quality=quality,
        quality_map=quality_map,
        target=Target(*targets) if given else None,
        tune=tune,
        model=model,
        lossless=lossless,
        max_error=max_error,
        effort=effort,
        threads=threads,
    )
    return compress_picture(
        read_picture(image, metadata=metadata, convert=convert), options
    )


def compress_picture(picture: Picture, options: EncodeOptions) -> bytes:
    """Compress what `read_picture` returns; else as `compress`."""
    if picture.left_out:
        warnings.warn(f"not kept: {', '.join(picture.left_out)}", stacklevel=3)
    return encode_picture(picture, options)


def decompress(
    data: Encoded,
    *,
    region: Region | None = None,
    preview: int | None = None,
    steps: int | None = None,
    painter: Model = None,
    threads: int | None = None,
) -> Image.Image:
    """Decompress the bytes of a `.vaec` file to a PIL image.

    Its mode is L, LA, RGB or RGBA; I;16 if the file is gray with more than 8 bits. Of
    colours with more, Pillow holds 8: a warning (UserWarning) says so. ICC profile,
    Exif and XMP are in its `info`, as `icc_profile`, `exif` and `xmp`; to write them,
    pass them to `Image.save`.

    Args:
        data: The path of the file, a bytes-like object that holds it, or the file
            opened for reading bytes. An open file is read from its current position to
            its end, and returned to that position if possible.
        region: Decode only a rectangle: x, y, width and height, counted from the upper
            left corner. Its pixels are the same as in the whole image. Only the tiles
            around it are read and checked.
        preview: 8 for an image of an eighth of the width and height (rounded up),
            which is much faster.
        steps: Decode only this many of the coding steps, for a coarser image. If the
            file has a payload for each step, it may end after any of them. None decodes
            all steps.
        painter: Name or path of a model that draws the image in place of the one that
            the file names; it must decode the same symbols. None looks for the model
            that the file names in the package and in VAECODEC_MODELS.
        threads: Threads for the networks; None uses all cores.

    Raises:
        FormatError: The file is damaged.
        ModelError: The model that the file names is missing or damaged.
        TypeError: The data is not a file, or `steps` or a number of the region is not
            an integer.
        ValueError: `threads` or `steps` is less than 1, the model has fewer steps, the
            region is not inside the image, the preview is not 8, or both a preview and
            a region are given.
        OSError: A path or file cannot be read.
    """
    options = DecodeOptions(
        region=region, preview=preview, steps=steps, painter=painter, threads=threads
    )
    return to_image(decompressed(data, options))


def decompressed(data: Encoded, options: DecodeOptions) -> Picture:
    """As `decompress`, with all bits of every sample."""
    with _opened(data, options) as file:
        samples, header = decode_samples(file, options), file.header
        return Picture(samples, file.metadata, depth=header.depth, listed=header.listed)


def encode(
    array: Samples,
    quality: int = DEFAULT_QUALITY,
    *,
    depth: int | None = None,
    roles: Sequence[str] | None = None,
    tune: Tune | None = None,
    quality_map: Integers | None = None,
    model: Model = None,
    lossless: bool | None = None,
    max_error: int | None = None,
    effort: int = USUAL,
    threads: int | None = None,
) -> bytes:
    """Compress uint8 or uint16 samples; otherwise like `compress`.

    The array is gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
    [H, W, 4]. Alpha is kept without loss. Colours under alpha 0 are replaced by a
    smooth continuation of those around them.

    Without loss, and with a `model` for as many, an array may have up to 16 channels
    [H, W, C]. `roles` then says what each of them is, as a sequence of "gray", "red",
    "green", "blue", "alpha" and "other"; None means "other" for all of 5 channels or
    more, and for as many as the model is for. Order and roles are kept.

    `depth` is the number of bits of uint16 samples, 9..16: they reach from 0 to
    2^depth - 1. None means 16.
    """
    options = EncodeOptions(
        quality=quality,
        quality_map=quality_map,
        tune=tune,
        model=model,
        lossless=lossless,
        max_error=max_error,
        effort=effort,
        threads=threads,
    )
    return encode_picture(picture_of(array, depth, roles), options)


def decode(
    data: Encoded,
    *,
    region: Region | None = None,
    preview: int | None = None,
    steps: int | None = None,
    out: Samples | None = None,
    painter: Model = None,
    threads: int | None = None,
) -> Samples:
    """Decompress to samples as `encode` takes them; otherwise like `decompress`.

    They are uint8 if the file has 8 bits per sample, else uint16 with as many bits as
    `inspect` says. If `out` is given, it must have the shape and dtype of the samples
    and is filled with them. After an error its content is undefined.
    """
    options = DecodeOptions(
        region=region, preview=preview, steps=steps, painter=painter, threads=threads
    )
    with _opened(data, options) as file:
        return decode_samples(file, options, out=out)


def verify(data: Encoded, *, model: Model = None) -> None:
    """Check everything in a file: structure, checksums, and every symbol.

    Args:
        data: As for `decompress`.
        model: Name or path of a model that decodes the symbols; None searches for one.

    Raises:
        FormatError: The file is damaged; the message gives up to five reasons. The
            search ends at the first tile that was forged: its checksum is right and
            its symbols are wrong.
        ModelError: The model that the file names is missing or damaged.
        OSError: A path or file cannot be read.
    """
    if problems := find_damage(all_bytes(data), model):
        more = len(problems) - MOST_REASONS
        rest = [f"and {more} more"] if more > 0 else []
        raise FormatError("; ".join([*problems[:MOST_REASONS], *rest]))


def recover(
    data: Encoded, *, painter: Model = None, threads: int | None = None
) -> tuple[Image.Image, list[Damage]]:
    """Decompress the undamaged part of a file, to an image as `decompress` returns it.

    Tiles that are damaged, or missing because the file was cut off, are filled
    smoothly from what is around them, alpha as well. This takes a few times as long as
    `decompress`. A tile of which only the first coding steps are undamaged is drawn
    from these. With the shipped models, up to 256 pixels around all of them may differ
    from the undamaged image.

    Args:
        data: As for `decompress`.
        painter: As for `decompress`.
        threads: As for `decompress`.

    Returns:
        The image, with the undamaged metadata, and a list of all damage, which is
        empty if the file is whole.

    Raises:
        FormatError: The header is damaged, or all tiles are, or a tile was forged: its
            checksum is right and its symbols are wrong.
        ModelError: The model that the file names is missing or damaged.
        ValueError: `threads` is less than 1.
        OSError: A path or file cannot be read.
    """
    picture, damages = recovered(data, painter, threads=threads)
    return to_image(picture), damages


def recovered(
    data: Encoded, painter: Model, *, threads: int | None
) -> tuple[Picture, list[Damage]]:
    """As `recover`, with all bits of every sample."""
    return recover_picture(all_bytes(data), painter, threads=threads)


def _opened(
    data: Encoded, options: DecodeOptions
) -> contextlib.AbstractContextManager[ImageFile]:
    """A file of which as much is read as the options need."""
    return parsed(data, whole=options.region is None, rounds=options.steps)
