"""The codecs that are measured, one small class each.

In: uint8 [H, W, 3] and a quality on the codec's own scale. Out: the bytes of a complete
file, and uint8 [H, W, 3] back from nothing but these bytes.

Each runs through its own encoder with settings that cost nothing but time; the plain
JPEG and WebP are there because published curves were made with them. All use one
thread, and none writes metadata. A codec of your own needs `compress` and `decompress`;
`name`, `settings` and `qualities` are welcome.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, features

Pixels = NDArray[np.uint8]
THREADS = 1
DEFAULT_QUALITIES = (10, 30, 50, 70, 90)


class Codec(Protocol):
    """What is measured; `qualities` rise from the smallest file to the largest."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def settings(self) -> str:
        """What a reader needs to repeat it."""

    @property
    def qualities(self) -> Sequence[float]:
        """On a scale of its own."""

    def compress(self, image: Pixels, quality: Any) -> bytes:
        """Return a complete file."""

    def decompress(self, data: bytes) -> Pixels:
        """Return the image of a file, in the shape it had."""


class Vaecodec:
    """This package, with a shipped model or that of a file."""

    settings = "one thread, plain RGB file"
    qualities: Sequence[float] = (0, 5, 15, 25, 35, 45, 50, 55, 65, 75, 85, 95, 100)

    def __init__(self, model: str | None = None, name: str = "vaecodec") -> None:
        self.model, self.name = model, name

    def compress(self, image: Pixels, quality: int) -> bytes:
        """A .vaec file."""
        from vaecodec.api import encode

        return encode(image, quality, model=self.model, threads=THREADS)

    def decompress(self, data: bytes) -> Pixels:
        """Decoded pixels."""
        from vaecodec.api import decode

        return decode(data, model=self.model, threads=THREADS)

    def model_id(self) -> str:
        """The model's content hash, as files name it."""
        from vaecodec.models.library import load_model

        return load_model(self.model).model_id.hex()


class _PillowCodec:
    """A format that Pillow writes; `options` go to `Image.save`."""

    name: str
    settings: str
    qualities: Sequence[float]
    format: str
    options: dict[str, Any]

    def compress(self, image: Pixels, quality: float) -> bytes:
        file = io.BytesIO()
        options = {**self.options, **self.quality_options(quality)}
        Image.fromarray(image).save(file, self.format, **options)
        return file.getvalue()

    def decompress(self, data: bytes) -> Pixels:
        with Image.open(io.BytesIO(data), formats=[self.format]) as image:
            return np.asarray(image.convert("RGB"))

    def quality_options(self, quality: float) -> dict[str, Any]:
        return {"quality": quality}


class Jpeg(_PillowCodec):
    """JPEG; `optimised`: Huffman tables of its own and progressive."""

    format = "JPEG"
    qualities = (5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 95)

    def __init__(self, subsampling: str, *, optimised: bool = True) -> None:
        kind = "optimised progressive" if optimised else "baseline, default tables"
        self.name = f"JPEG {subsampling}" + ("" if optimised else " baseline")
        self.settings = f"libjpeg-turbo through Pillow, {subsampling}, {kind}"
        self.options = {"subsampling": subsampling}
        self.options |= {"optimize": optimised, "progressive": optimised}


class WebP(_PillowCodec):
    """Lossy WebP; method 0 is fast, 6 slow, 4 what libraries write by default."""

    format = "WEBP"
    qualities = (0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)

    def __init__(self, method: int) -> None:
        self.name = "WebP" if method == 6 else f"WebP method {method}"
        self.settings = f"libwebp through Pillow, lossy, method {method}"
        self.options = {"method": method}


class Avif(_PillowCodec):
    """AVIF with the AV1 encoder that comes with Pillow."""

    format = "AVIF"
    qualities = (10, 20, 30, 40, 50, 60, 70, 80, 88)

    def __init__(self, subsampling: str, *, speed: int = 6) -> None:
        from PIL import AvifImagePlugin

        # Pillow has an argument for this when writing, but none when reading.
        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
        self.name = f"AVIF {subsampling}"
        self.settings = f"libavif through Pillow, {subsampling}, speed {speed}"
        self.options = {"subsampling": subsampling, "speed": speed}
        self.options["max_threads"] = THREADS


class JpegXl(_PillowCodec):
    """JPEG XL through pillow-jxl-plugin."""

    format = "JXL"
    qualities = (5, 15, 30, 45, 60, 70, 80, 88, 93)

    def __init__(self, *, effort: int = 7) -> None:
        import pillow_jxl  # noqa: F401 - registers the format
        from pillow_jxl import JpegXLImagePlugin

        JpegXLImagePlugin.DECODE_THREADS = 0  # None beside the calling one.
        self.name = "JPEG XL"
        self.settings = f"libjxl through pillow-jxl-plugin, lossy, effort {effort}"
        self.options = {"effort": effort, "num_threads": 0}


class Jpeg2000(_PillowCodec):
    """JPEG 2000; the quality is a target in dB, for which OpenJPEG cuts the file."""

    name = "JPEG 2000"
    format = "JPEG2000"
    settings = "OpenJPEG through Pillow, 9/7 wavelet, YCC, quality: target PSNR in dB"
    qualities = (22, 25, 28, 30, 32, 34, 36, 38, 41)

    def __init__(self) -> None:
        self.options = {"irreversible": True, "mct": 1}
        self.options |= {"quality_mode": "dB", "no_jp2": True}
        # Else OpenJPEG signs every file with its name.
        self.options["comment"] = "\0"

    def quality_options(self, quality: float) -> dict[str, Any]:
        """One layer that ends at the target."""
        return {"quality_layers": [quality]}


# The shipped models: what each is called here, and its name in the package.
VAECODECS = {"vaecodec": "standard", "vaecodec-psnr": "psnr"}
# In reading order: what each name of --against stands for.
FAMILIES = {
    "jpeg": ("jpeg-baseline", "jpeg-420", "jpeg-444"),
    "jpeg2000": ("jpeg2000",),
    "webp": ("webp-4", "webp"),
    "avif": ("avif-420", "avif-444"),
    "jxl": ("jxl",),
}
CODECS: dict[str, Callable[[], Codec]] = {
    "jpeg-baseline": lambda: Jpeg("4:2:0", optimised=False),
    "jpeg-420": lambda: Jpeg("4:2:0"),
    "jpeg-444": lambda: Jpeg("4:4:4"),
    "jpeg2000": Jpeg2000,
    "webp-4": lambda: WebP(4),
    "webp": lambda: WebP(6),
    "avif-420": lambda: Avif("4:2:0"),
    "avif-444": lambda: Avif("4:4:4"),
    "jxl": JpegXl,
}
_FEATURES = {"jpeg": "jpg", "webp": "webp", "avif": "avif", "jpeg2000": "jpg_2000"}


def make_codec(key: str, *, model: str | None = None) -> Codec:
    """The codec of that key, or of "module:Class" for one of your own.

    Raises:
        ImportError: what it needs is not installed.
        ValueError: no codec has that key, or the class is not a codec.
    """
    if key in VAECODECS:
        return Vaecodec(model or VAECODECS[key], key)
    if ":" in key:
        return _own_codec(key)
    if key not in CODECS:
        raise ValueError(
            f"codec {key!r} is not one of {', '.join([*VAECODECS, *CODECS])}"
        )
    feature = _FEATURES.get(key.partition("-")[0])
    if feature and not features.check(feature):
        raise ImportError(f"this Pillow was built without {feature}")
    return CODECS[key]()


def is_own(key: str) -> bool:
    """Whether this is a codec that readers ask about: vaecodec, or one of a user."""
    return key in VAECODECS or ":" in key


def code_digest(codec: Codec) -> str | None:
    """Hash of the code of vaecodec or of a codec of a user, which have no release.

    None for the others, whose versions say it all.
    """
    if isinstance(codec, _PillowCodec):
        return None
    if isinstance(codec, Vaecodec):
        package = Path(__file__).parent.parent
        parts = ("codec", "models", "entropy", "format")
        sources = [path for part in parts for path in (package / part).rglob("*.py")]
    else:
        sources = [Path(inspect.getfile(type(codec)))]
    content = b"".join(path.read_bytes() for path in sorted(sources))
    return hashlib.sha256(content).hexdigest()[:16]


def _own_codec(key: str) -> Codec:
    module, _, name = key.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    made = getattr(import_module(module), name)
    try:
        codec: Any = made()
    except Exception as error:  # It is somebody else's.
        raise ValueError(f"{key}: {type(error).__name__}: {error}") from error
    missing = [verb for verb in ("compress", "decompress") if not hasattr(codec, verb)]
    if missing:
        raise ValueError(f"{key} has no {' and no '.join(missing)}")
    for attribute, default in (
        ("name", name),
        ("settings", key),
        ("qualities", DEFAULT_QUALITIES),
    ):
        if not hasattr(codec, attribute):
            setattr(codec, attribute, default)
    own: Codec = codec
    return own
