"""The codecs that are measured, all as two functions on bytes.

In: uint8 [H, W, 3] and a quality 0..100. Out: the bytes of a complete file, and back.

The others run as Pillow ships them, with the settings that cost nothing but time:
optimised progressive JPEG, WebP method 6. All run on one thread, which makes seconds
comparable between codecs and machines.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

THREADS = 1

Compress = Callable[[NDArray[np.uint8], int], bytes]
Decompress = Callable[[bytes], NDArray[np.uint8]]


@dataclass(frozen=True)
class Codec:
    """One codec with its settings fixed; `qualities` is what is measured by default."""

    name: str
    settings: str
    qualities: tuple[int, ...]
    compress: Compress
    decompress: Decompress


def make_codec(key: str, *, model: Path | None = None) -> Codec:
    """The codec of that key; `model` is a model file for vaecodec.

    Raises:
        ValueError: no codec has that key, or a model is given to another codec.
    """
    if key not in CODECS:
        raise ValueError(f"codec {key!r} is none of {', '.join(CODECS)}")
    if key == "vaecodec":
        return _vaecodec(model)
    if model is not None:
        raise ValueError(f"codec {key!r} takes no model file")
    if key == "avif":
        _keep_avif_on_one_thread()
    return _CLASSIC[key]


def _vaecodec(model: Path | None) -> Codec:
    # Imported here: the other codecs are measured without the package as well.
    import vaecodec

    return Codec(
        name="vaecodec",
        settings="one thread, plain RGB file",
        qualities=(0, 5, 15, 25, 35, 45, 50, 55, 65, 75, 85, 95, 100),
        compress=partial(vaecodec.encode, model=model, threads=THREADS),
        decompress=partial(vaecodec.decode, model=model, threads=THREADS),
    )


def _keep_avif_on_one_thread() -> None:
    # Pillow has an argument for this when writing, but none when reading.
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS


def _pillow_compress(
    array: NDArray[np.uint8], quality: int, *, format: str, options: dict[str, object]
) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, format, quality=quality, **options)
    return file.getvalue()


def _pillow_decompress(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def _pillow_codec(
    name: str, settings: str, qualities: tuple[int, ...], **options: object
) -> Codec:
    format = name.partition(" ")[0]
    return Codec(
        name=name,
        settings=settings,
        qualities=qualities,
        compress=partial(_pillow_compress, format=format, options=options),
        decompress=_pillow_decompress,
    )


_CLASSIC = {
    "jpeg": _pillow_codec(
        "JPEG",
        "Pillow, 4:2:0, optimised Huffman tables, progressive",
        (5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 95),
        subsampling="4:2:0",
        optimize=True,
        progressive=True,
    ),
    "webp": _pillow_codec(
        "WebP",
        "Pillow, lossy, method 6 (slowest)",
        (0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95),
        method=6,
    ),
    "avif": _pillow_codec(
        "AVIF",
        "Pillow, 4:2:0 and speed 6 as Pillow ships them, one thread",
        (10, 25, 40, 55, 70, 85),
    ),
}
CODECS = ("vaecodec", *_CLASSIC)
