"""The codec as numcodecs, and so Zarr, knows codecs.

In: a chunk, an array that holds one image; out: the bytes of a `.vaec` file, and
back. numcodecs finds the class by its entry point in the installed package: whoever
reads such an array needs vaecodec installed, and nothing to import or to register.
Only numcodecs itself imports this module, so it is no dependency of the package.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numcodecs.abc import Codec
from numcodecs.compat import ensure_ndarray_like
from numpy.typing import NDArray

from vaecodec.api import decode, encode
from vaecodec.codec.options import Tune
from vaecodec.codec.pictures.output_array import is_writable
from vaecodec.errors import ImageError
from vaecodec.format.header import DEFAULT_QUALITY
from vaecodec.models.depth import Samples
from vaecodec.plugins.chunk_image import image_shape


class VaecodecCodec(Codec):  # type: ignore[misc]  # numcodecs has no types
    """Compresses chunks that are images; for arrays of uint8 or uint16 in C order.

    A chunk is gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
    [H, W, 4]; without loss, or with a model for them, up to 16 channels [H, W, C]. It
    may have further axes of length 1 before these or, of one channel, at its end.

    Args:
        quality: 0 (smallest chunks) to 100 (best images).
        tune: "eye" or "psnr", as for `vaecodec.compress`.
        model: Name or path of the model to compress with, instead of `tune`. Reading
            needs no name: every chunk names its model.
        lossless: True, False, or None for where that is smaller, as for
            `vaecodec.compress`.
        max_error: How far colour samples may be from what they were, in the place of
            a quality; alpha is exact.
        roles: What each channel is, as for `vaecodec.encode`.
    """

    codec_id = "vaecodec"

    def __init__(
        self,
        quality: int = DEFAULT_QUALITY,
        model: str | None = None,
        tune: Tune | None = None,
        lossless: bool | None = None,
        max_error: int | None = None,
        roles: Sequence[str] | None = None,
    ) -> None:
        self.quality = operator.index(quality)
        self.tune = tune
        self.model = model
        self.lossless = lossless
        self.max_error = max_error
        self.roles = roles

    def encode(self, buf: Any) -> bytes:
        """Compress a chunk to the bytes of a `.vaec` file.

        Raises:
            ImageError: The chunk is no image that can be kept.
            ModelError: The model is missing or damaged.
            ValueError: The quality or the largest error is out of range, `tune` is
                unknown, two of `tune`, a model, `lossless` and `max_error` are given
                that exclude each other, or the roles are not those of so many
                channels.
        """
        chunk = np.asarray(ensure_ndarray_like(buf))
        if not chunk.flags.c_contiguous and chunk.flags.f_contiguous:
            raise ImageError("a chunk in Fortran order, the array must have order C")
        image = chunk.reshape(image_shape(chunk.shape, self.roles))
        return encode(
            image,
            self.quality,
            tune=self.tune,
            model=self.model,
            lossless=self.lossless,
            max_error=self.max_error,
            roles=self.roles,
        )

    def decode(self, buf: Any, out: Any = None) -> Any:
        """Decompress a chunk.

        Args:
            buf: What `encode` returned.
            out: None for a new array, or what to fill: an array of the shape of the
                chunk, of any layout, or a buffer of its bytes, which then are in C
                order.

        Returns:
            `out`, or samples [H, W] or [H, W, C]: what numcodecs and Zarr give the
            shape of the chunk again.

        Raises:
            FormatError: The chunk is damaged.
            ModelError: The model that the chunk names is missing or damaged.
            ValueError: `out` has another size, or cannot be written to.
        """
        samples = decode(memoryview(buf))
        if out is None:
            return samples
        _fill(np.asarray(ensure_ndarray_like(out)), samples)
        return out


def _fill(out: NDArray[Any], samples: Samples) -> None:
    """Put samples into an array of their shape, or their bytes into one in C order."""
    same_shape = out.squeeze().shape == samples.squeeze().shape
    if not is_writable(out):
        raise ValueError("out cannot be written to, or its elements share memory")
    if out.dtype == samples.dtype and same_shape:
        out.squeeze()[...] = samples.squeeze()
    elif out.flags.c_contiguous and out.nbytes == samples.nbytes:
        out.reshape(-1).view(np.uint8)[:] = samples.ravel().view(np.uint8)
    else:
        raise ValueError(
            f"out is {out.dtype} {list(out.shape)}, expected {samples.dtype} "
            f"{list(samples.shape)}, or {samples.nbytes} bytes in C order"
        )
