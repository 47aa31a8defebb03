"""The two walks, from image to file bytes and back, and what hangs on them.

Every public function here is a front door of the package: it takes what users have
(paths, bytes, opened files, PIL images, arrays) and raises only `VaecodecError` for
what is wrong with it.
"""

from __future__ import annotations

import operator
import os
import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.codec_model import model_to_compress, model_to_decompress
from vaecodec.codec.encoded_file import parsed
from vaecodec.codec.geometry.areas import Region
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.pictures.picture import (
    Source,
    check_samples,
    read_picture,
    to_image,
)
from vaecodec.codec.preview import REDUCTION
from vaecodec.codec.recovery import Damage, find_damage, recover_samples
from vaecodec.codec.search.targets import Target, encode_to_target
from vaecodec.errors import FormatError
from vaecodec.format.file_bytes import Encoded, all_bytes
from vaecodec.format.header import DEFAULT_QUALITY, MAX_QUALITY

MOST_REASONS = 5  # in one message

Model = str | os.PathLike[str] | None
Tune = Literal["eye", "psnr"]


def compress(
    image: Source,
    quality: int = DEFAULT_QUALITY,
    *,
    tune: Tune | None = None,
    metadata: bool = True,
    convert: bool = False,
    target_size: int | None = None,
    target_bpp: float | None = None,
    target_psnr: float | None = None,
    model: Model = None,
    threads: int | None = None,
) -> bytes:
    """Compress an image to the bytes of a `.vaec` file.

    Args:
        image: Path, image file as a bytes-like object or opened for reading bytes,
            PIL image, or array as for `encode`.
            Colours under alpha 0 are not kept, but continue those around them.
        quality: 0 (smallest file) to 100 (best image). Tuned for the eye, quality q
            aims at a mean SSIMULACRA2 of q from 30 (low) over 50 (medium) and 70
            (high) to 90 (visually lossless); tuned for PSNR it is a trade-off that
            promises nothing.
        tune: What the model was trained for: "eye", so that people like the image,
            or "psnr", the least squared error. None is "eye", unless `model` is given.
        metadata: Keep ICC profile, Exif and XMP, each byte as it is but for the
            orientation, which is applied to the pixels. Without its profile an image
            is taken for sRGB.
        convert: Go on where something must be given up: samples of more than 8 bits,
            other colour spaces than gray and RGB, all frames but one.
        target_size: Search the quality for a file of at most so many bytes and at
            least 98 % of them (below 2048 bytes: the largest that fits).
        target_bpp: The same in bits of the file per pixel.
        target_psnr: Search the quality for a PSNR in dB of at least this, and at most
            2 % above it (in files below 2048 bytes maybe more).
        model: Name or path of a model, instead of `tune`.
        threads: Threads for the networks; None takes all cores.

    One target may be given; `quality` is then of no effect.

    What is left out is named in one warning (UserWarning).

    Raises:
        ImageError: The image cannot be read, or cannot be kept as it is.
        ModelError: The model is missing or damaged.
        TypeError: The image is of none of these types, or the quality no integer.
        ValueError: The quality is not in 0..100, fewer than 1 thread, several targets
            or one not above 0, an unknown `tune`, or both it and a model.
        TargetError: The target cannot be met; says what can.
        OSError: A path cannot be read.
    """
    quality = _check_quality(quality)
    targets = (target_size, target_bpp, target_psnr)
    target = Target(*targets) if any(value is not None for value in targets) else None
    picture = read_picture(image, metadata=metadata, convert=convert)
    if picture.left_out:
        warnings.warn(f"not kept: {', '.join(picture.left_out)}", stacklevel=2)
    ready = model_to_compress(model, tune=tune, threads=threads)
    samples, kept = picture.samples, picture.metadata
    if target:
        return encode_to_target(ready, samples, target=target, metadata=kept)
    return encode_with(ready, samples, quality=quality, metadata=kept)


def decompress(
    data: Encoded,
    *,
    region: Region | None = None,
    preview: int | None = None,
    model: Model = None,
    threads: int | None = None,
) -> Image.Image:
    """Decompress the bytes of a `.vaec` file to a PIL image.

    Its mode is L, LA, RGB or RGBA. ICC profile, Exif and XMP are in its `info`, as
    `icc_profile`, `exif` and `xmp`; to write them, hand them on to `Image.save`.

    Args:
        data: The path of the file, a bytes-like object that holds it, or the file
            opened for reading bytes. This is read from where it is positioned to its
            end and, if it can be, positioned there again.
        region: Only the pixels of a rectangle: x, y, width and height, counted from
            the upper left corner. They are those of the whole image; only the tiles
            around them are read, and checked.
        preview: 8 for an image of an eighth of the width and height (rounded up),
            much sooner than the image itself.
        model: Name or path of the model to use; None searches for the one that the
            file names, among those of the package and in VAECODEC_MODELS.
        threads: Threads for the networks; None takes all cores.

    Raises:
        FormatError: The file is damaged.
        ModelError: The model that the file names is missing or damaged.
        TypeError: The data is no file, or a number of the region no integer.
        ValueError: Fewer than 1 thread, a region that is not inside of the image, a
            preview that is not 8, or a preview of a region.
        OSError: A path or file cannot be read.
    """
    reduction = _check_preview(preview, region)
    with parsed(data, whole=region is None) as file:
        ready = model_to_decompress(file.header.model_id, model, threads=threads)
        samples = decode_with(ready, file, region=region, reduction=reduction)
        return to_image(samples, file.metadata)


def encode(
    array: NDArray[np.uint8],
    quality: int = DEFAULT_QUALITY,
    *,
    tune: Tune | None = None,
    model: Model = None,
    threads: int | None = None,
) -> bytes:
    """Compress uint8 samples; else as `compress`.

    The array is gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
    [H, W, 4]. Alpha is kept without loss; the colours where it is 0 are not kept, but
    continue those around them.
    """
    samples, quality = check_samples(array), _check_quality(quality)
    ready = model_to_compress(model, tune=tune, threads=threads)
    return encode_with(ready, samples, quality=quality)


def decode(
    data: Encoded,
    *,
    region: Region | None = None,
    preview: int | None = None,
    out: NDArray[np.uint8] | None = None,
    model: Model = None,
    threads: int | None = None,
) -> NDArray[np.uint8]:
    """Decompress to uint8 samples as `encode` takes them; else as `decompress`.

    They are put into `out`, if it is given, which must have their shape; when an error
    is raised its content is undefined.
    """
    reduction = _check_preview(preview, region)
    with parsed(data, whole=region is None) as file:
        ready = model_to_decompress(file.header.model_id, model, threads=threads)
        return decode_with(ready, file, region=region, reduction=reduction, out=out)


def verify(data: Encoded, *, model: Model = None) -> None:
    """Check all that a file holds: structure, checksums, and every symbol.

    Args:
        data: As for `decompress`.
        model: As for `decompress`.

    Raises:
        FormatError: The file is damaged; says what is wrong, up to the first tile
            with the right checksum and wrong symbols, which no accident does, and up
            to five reasons.
        ModelError: The model that the file names is missing or damaged.
        OSError: A path or file cannot be read.
    """
    if problems := find_damage(all_bytes(data), model):
        more = len(problems) - MOST_REASONS
        rest = [f"and {more} more"] if more > 0 else []
        raise FormatError("; ".join([*problems[:MOST_REASONS], *rest]))


def recover(
    data: Encoded, *, model: Model = None, threads: int | None = None
) -> tuple[Image.Image, list[Damage]]:
    """Decompress what is undamaged of a file.

    Damaged tiles, and tiles that a file lacks which was cut off, are filled smoothly
    from what is around them, alpha as well, which takes a few times as long as
    `decompress`. Up to 240 pixels around them the image may differ from what it was.

    Args:
        data: As for `decompress`.
        model: As for `decompress`.
        threads: As for `decompress`.

    Returns:
        The image, with the metadata that is undamaged, and all damages: none if the
        file is whole.

    Raises:
        FormatError: The header is damaged, or all tiles are, or one has the right
            checksum and wrong symbols, which no accident does.
        ModelError: The model that the file names is missing or damaged.
        ValueError: Fewer than 1 thread.
        OSError: A path or file cannot be read.
    """
    samples, metadata, damages = recover_samples(
        all_bytes(data), model, threads=threads
    )
    return to_image(samples, metadata), damages


def _check_quality(quality: int) -> int:
    quality = operator.index(quality)
    if not 0 <= quality <= MAX_QUALITY:
        raise ValueError(f"quality {quality}, allowed 0..{MAX_QUALITY}")
    return quality


def _check_preview(preview: int | None, region: Region | None) -> int:
    """How many times smaller than the image the result shall be."""
    if preview not in (None, REDUCTION):
        raise ValueError(f"preview {preview}, allowed {REDUCTION}")
    if preview and region:
        raise ValueError("a preview shows the whole image and takes no region")
    return preview or 1
