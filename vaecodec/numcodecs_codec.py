"""The codec as numcodecs, and so Zarr, knows codecs.

In: a chunk, a uint8 array that holds one image; out: the bytes of a `.vaec` file, and
back. numcodecs finds the class by its entry point in the installed package: whoever
reads such an array needs vaecodec installed, and nothing to import or to register.
Only numcodecs itself imports this module, so it is no dependency of the package.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numcodecs.abc import Codec
from numcodecs.compat import ensure_bytes, ensure_ndarray_like, ndarray_copy
from numpy.typing import NDArray

from vaecodec.codec.pipeline import decode, encode
from vaecodec.errors import ImageError


class VaecodecCodec(Codec):  # type: ignore[misc]  # numcodecs has no types
    """Compresses chunks that are images; for arrays of dtype uint8 in C order.

    A chunk is gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
    [H, W, 4]. It may have further axes of length 1: before these, or, when gray, at
    its end.

    Args:
        quality: 0 (smallest chunks) to 100 (best images).
        model: Name or path of the model to compress with; None takes the one that
            comes with the package. Reading needs no name: every chunk says by which
            model it was made.
    """

    codec_id = "vaecodec"

    def __init__(self, quality: int = 50, model: str | None = None) -> None:
        self.quality = operator.index(quality)
        self.model = model

    def encode(self, buf: Any) -> bytes:
        """Compress a chunk to the bytes of a `.vaec` file.

        Raises:
            ImageError: The chunk is no image that can be kept.
            ModelError: The model is missing or damaged.
            ValueError: The quality is not in 0..100.
        """
        array = _image_of(np.asarray(ensure_ndarray_like(buf)))
        return encode(array, self.quality, model=self.model)

    def decode(self, buf: Any, out: Any = None) -> Any:
        """Decompress a chunk.

        Args:
            buf: What `encode` returned.
            out: A writable buffer of the size of the chunk, or None for a new array.

        Returns:
            `out`, or uint8 [H, W], [H, W, 2], [H, W, 3] or [H, W, 4]: what numcodecs
            and Zarr give the shape of the chunk again.

        Raises:
            FormatError: The chunk is damaged.
            ModelError: The model that the chunk names is missing or damaged.
        """
        return ndarray_copy(decode(ensure_bytes(buf)), out)


def _image_of(chunk: NDArray[Any]) -> NDArray[Any]:
    """The image without the axes of length 1 around it; the samples stay in order."""
    if not chunk.flags.c_contiguous and chunk.flags.f_contiguous:
        raise ImageError("a chunk in Fortran order, the array must have order C")
    shape = chunk.shape
    if len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    while len(shape) > 2 and shape[0] == 1 and not _is_image(shape):
        shape = shape[1:]
    if not _is_image(shape):
        raise ImageError(
            f"a chunk of shape {list(chunk.shape)} is not one image: [H, W] or "
            "[H, W, 2..4] after axes of length 1"
        )
    return chunk.reshape(shape)


def _is_image(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (2, 3, 4))
