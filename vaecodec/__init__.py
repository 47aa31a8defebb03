"""vaecodec: a learned image codec.

In: images (paths, bytes, PIL images, uint8 arrays). Out: `.vaec` files, and images
again. The public names are loaded on first use, so `import vaecodec` costs nothing and
reading a header never starts numpy or an inference engine. The file format is specified
in `vaecodec/format/FORMAT.md`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaecodec.api import (
        compress,
        decode,
        decompress,
        encode,
        recover,
        verify,
    )
    from vaecodec.codec.latent_features import Features
    from vaecodec.codec.recovery import Damage
    from vaecodec.errors import (
        FormatError,
        ImageError,
        ModelError,
        TargetError,
        VaecodecError,
    )
    from vaecodec.inspection import ImageInfo, inspect
    from vaecodec.pipelines import decode_batch, features
    from vaecodec.plugins.pillow import register_pillow_plugin

__version__ = "0.1.0"

__all__ = [
    "Damage",
    "Features",
    "FormatError",
    "ImageError",
    "ImageInfo",
    "ModelError",
    "TargetError",
    "VaecodecError",
    "__version__",
    "compress",
    "decode",
    "decode_batch",
    "decompress",
    "encode",
    "features",
    "inspect",
    "recover",
    "register_pillow_plugin",
    "verify",
]

_HOMES = {
    "Damage": "vaecodec.codec.recovery",
    "Features": "vaecodec.codec.latent_features",
    "FormatError": "vaecodec.errors",
    "ImageError": "vaecodec.errors",
    "ImageInfo": "vaecodec.inspection",
    "ModelError": "vaecodec.errors",
    "TargetError": "vaecodec.errors",
    "VaecodecError": "vaecodec.errors",
    "compress": "vaecodec.api",
    "decode": "vaecodec.api",
    "decode_batch": "vaecodec.pipelines",
    "decompress": "vaecodec.api",
    "encode": "vaecodec.api",
    "features": "vaecodec.pipelines",
    "inspect": "vaecodec.inspection",
    "recover": "vaecodec.api",
    "register_pillow_plugin": "vaecodec.plugins.pillow",
    "verify": "vaecodec.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vaecodec' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
