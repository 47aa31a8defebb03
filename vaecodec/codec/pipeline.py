"""The two walks, from image to file bytes and back, and what hangs on them.

Every public function here is a front door of the package: it takes what users have
(paths, bytes, PIL images, arrays) and raises only `VaecodecError` for what is wrong
with it.
"""

from __future__ import annotations

import operator
import os

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.codec_model import model_to_compress, model_to_decompress
from vaecodec.codec.image_coding import (
    decode_with,
    encode_with,
    verify_with,
)
from vaecodec.codec.planes import Source, check_planes, to_image, to_planes
from vaecodec.format.container import parse_file
from vaecodec.format.header import MAX_QUALITY

Model = str | os.PathLike[str] | None


def compress(
    image: Source, quality: int = 50, *, model: Model = None, threads: int | None = None
) -> bytes:
    """Compress an image to the bytes of a `.vaec` file.

    Args:
        image: Path, bytes of an image file, PIL image (RGB or L), or array as for
            `encode`.
        quality: 0 (smallest file) to 100 (best image).
        model: Name or path of a model; None takes the one that comes with the package.
        threads: Threads for the networks; None takes all cores.

    Raises:
        ImageError: The image cannot be read, or cannot be kept as it is.
        ModelError: The model is missing or damaged.
        TypeError: The quality is not an integer.
        ValueError: The quality is not in 0..100, or fewer than 1 thread.
        OSError: A path cannot be read.
    """
    return encode(to_planes(image), quality, model=model, threads=threads)


def decompress(
    data: bytes, *, model: Model = None, threads: int | None = None
) -> Image.Image:
    """Decompress the bytes of a `.vaec` file to a PIL image of mode RGB or L.

    Args:
        data: The whole file.
        model: Name or path of the model to use; None searches for the one that the
            file names, among those of the package and in VAECODEC_MODELS.
        threads: Threads for the networks; None takes all cores.

    Raises:
        FormatError: The file is damaged.
        ModelError: The model that the file names is missing or damaged.
        ValueError: Fewer than 1 thread.
    """
    return to_image(decode(data, model=model, threads=threads))


def encode(
    array: NDArray[np.uint8],
    quality: int = 50,
    *,
    model: Model = None,
    threads: int | None = None,
) -> bytes:
    """Compress uint8 samples; else as `compress`.

    The array is gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
    [H, W, 4]. Alpha is kept without loss.
    """
    planes = check_planes(array)
    quality = operator.index(quality)
    if not 0 <= quality <= MAX_QUALITY:
        raise ValueError(f"quality {quality}, allowed 0..{MAX_QUALITY}")
    return encode_with(
        model_to_compress(model, threads=threads), planes, quality=quality
    )


def decode(
    data: bytes, *, model: Model = None, threads: int | None = None
) -> NDArray[np.uint8]:
    """Decompress to uint8 samples as `encode` takes them; else as `decompress`."""
    file = parse_file(data)
    ready = model_to_decompress(file.header.model_id, model, threads=threads)
    return decode_with(ready, file)


def verify(data: bytes, *, model: Model = None) -> None:
    """Check all that a file holds: structure, checksums, and every symbol.

    Args:
        data: The whole file.
        model: As for `decompress`.

    Raises:
        FormatError: The file is damaged.
        ModelError: The model that the file names is missing or damaged.
    """
    file = parse_file(data)
    verify_with(model_to_decompress(file.header.model_id, model, threads=1), file)
