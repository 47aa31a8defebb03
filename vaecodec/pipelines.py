"""What pipelines ask for that eat many files: batches, and features without pixels.

In: `.vaec` files. Out: samples of all of them, or the latents of one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from vaecodec.api import decode
from vaecodec.codec.codec_model import model_to_decompress
from vaecodec.codec.encoded_file import parsed
from vaecodec.codec.geometry.areas import Region
from vaecodec.codec.latent_features import Features, features_with
from vaecodec.codec.options import Model
from vaecodec.errors import VaecodecError
from vaecodec.format.file_bytes import Encoded
from vaecodec.models.depth import Samples


def decode_batch(
    files: Sequence[Encoded],
    *,
    regions: Sequence[Region] | None = None,
    preview: int | None = None,
    out: Samples | None = None,
    painter: Model = None,
    threads: int | None = None,
) -> list[Samples]:
    """Decompress several files side by side, each as `decode` does.

    Args:
        files: N of them.
        regions: A region for each file; only the tiles around it are read.
        preview: 8 for images of an eighth of the width and height.
        out: An array [N, C, H, W] to fill, if all samples have this shape; gray is
            C = 1. The arrays that are returned are views of it.
        painter: As for `decode`.
        threads: Files to decode at once, each in one thread; None uses all cores.

    Returns:
        The samples of each file, [H, W] or [H, W, 2..4], in their order.

    Raises:
        FormatError: A file is damaged; the message gives its number, from 0.
        ModelError: As for `decode`.
        TypeError: As for `decode`.
        ValueError: As for `decode`; or there are not as many regions as files, `out`
            does not fit, or `threads` is less than 1.
        OSError: A path or file cannot be read.
    """
    areas = [None] * len(files) if regions is None else regions
    places = [None] * len(files) if out is None else _places(out)
    if not len(files) == len(areas) == len(places):
        raise ValueError(
            f"{len(files)} files, {len(areas)} regions and places for {len(places)}"
        )

    def work(number: int) -> Samples:
        try:
            return decode(
                files[number],
                region=areas[number],
                preview=preview,
                out=places[number],
                painter=painter,
                threads=1,
            )
        except (VaecodecError, ValueError) as error:
            raise type(error)(f"file {number} of the batch: {error}") from error

    if threads is not None and threads < 1:
        raise ValueError(f"{threads} threads, allowed 1 or more")
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        return list(pool.map(work, range(len(files))))


def features(
    data: Encoded, *, painter: Model = None, threads: int | None = None
) -> Features:
    """Read the latents of an image, which takes about half the time of decoding it.

    Nearly the same image has nearly the same latents, at any quality; so they serve to
    find duplicates and to train classifiers. Alpha has no part in them.

    Args:
        data: As for `decompress`.
        painter: As for `decompress`.
        threads: As for `decompress`.

    Raises:
        FormatError: The file is damaged.
        ModelError: The model that the file names is missing or damaged.
        TypeError: The data is not a file.
        ValueError: `threads` is less than 1.
        OSError: A path or file cannot be read.
    """
    with parsed(data) as file:
        model = model_to_decompress(file.header, painter, threads=threads)
        return features_with(model, file)


def _places(out: Samples) -> list[Samples]:
    """Views [H, W], or [H, W, C], of an array [N, C, H, W]."""
    if out.ndim != 4:
        raise ValueError(f"out is {list(out.shape)}, expected [N, C, H, W]")
    planes = out.transpose(0, 2, 3, 1)
    return list(planes[..., 0] if planes.shape[-1] == 1 else planes)
