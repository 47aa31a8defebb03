"""The codec as Zarr knows it in arrays of format 3: images in, compressed chunks out.

In: a chunk, an array that holds one image; out: the bytes of a `.vaec` file, and
back. Zarr finds the class by its entry point in the installed package: whoever reads
such an array needs vaecodec installed, and nothing to import or to register. Only Zarr
itself imports this module, so it is no dependency of the package.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from zarr.abc.codec import ArrayBytesCodec

from vaecodec.api import decode, encode
from vaecodec.codec.options import Tune
from vaecodec.errors import FormatError
from vaecodec.format.beginning import parse_header
from vaecodec.format.header import DEFAULT_QUALITY
from vaecodec.models.depth import Samples
from vaecodec.plugins.chunk_image import image_shape

if TYPE_CHECKING:
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer

NAME = "vaecodec"


@dataclass(frozen=True)
class VaecodecSerializer(ArrayBytesCodec):
    """Compresses chunks that are images; the `serializer` of arrays of uint8 or uint16.

    A chunk is gray [H, W], gray and alpha [H, W, 2], RGB [H, W, 3] or RGB and alpha
    [H, W, 4]; without loss, or with a model for them, up to 16 channels [H, W, C]. It
    may have further axes of length 1 before these or, of one channel, at its end. A
    transposing filter turns other chunks into such ones. Writing a part of a chunk
    compresses the rest of it again.

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

    is_fixed_size = False

    quality: int = DEFAULT_QUALITY
    model: str | None = None
    tune: Tune | None = None
    lossless: bool | None = None
    max_error: int | None = None
    roles: Sequence[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "quality", operator.index(self.quality))
        if self.roles is not None:
            object.__setattr__(self, "roles", tuple(self.roles))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> VaecodecSerializer:
        """Inverse of `to_dict`."""
        return cls(**data.get("configuration", {}))

    def to_dict(self) -> dict[str, Any]:
        """What stands in the metadata of an array."""
        configuration = asdict(self)
        return {"name": NAME, "configuration": configuration}

    def compute_encoded_size(self, _: int, __: ArraySpec) -> int:
        """Raise NotImplementedError: the size depends on the image."""
        raise NotImplementedError

    async def _encode_single(self, chunk: NDBuffer, spec: ArraySpec) -> Buffer:
        data = await asyncio.to_thread(self._compressed, chunk.as_numpy_array())
        return spec.prototype.buffer.from_bytes(data)

    async def _decode_single(self, chunk: Buffer, spec: ArraySpec) -> NDBuffer:
        samples = await asyncio.to_thread(
            self._decompressed, chunk.to_bytes(), spec.shape
        )
        dtype = spec.dtype.to_native_dtype()
        if samples.dtype != dtype.newbyteorder("="):
            raise FormatError(f"a chunk of {samples.dtype}, the array has {dtype}")
        return spec.prototype.nd_buffer.from_numpy_array(samples)

    def _compressed(self, chunk: NDArray[Any]) -> bytes:
        image = chunk.reshape(image_shape(chunk.shape, self.roles))
        # Zarr works on several chunks at a time.
        return encode(
            image,
            self.quality,
            tune=self.tune,
            model=self.model,
            lossless=self.lossless,
            max_error=self.max_error,
            roles=self.roles,
            threads=1,
        )

    def _decompressed(self, data: bytes, shape: tuple[int, ...]) -> Samples:
        header = parse_header(data)
        axes = (header.height, header.width, header.channels)
        expected = image_shape(shape, self.roles)
        if axes != (*expected, 1)[:3]:
            raise FormatError(
                f"a chunk that is an image {list(axes)}, the array has {list(expected)}"
            )
        return decode(data, threads=1).reshape(shape)
