"""A wanted size, rate or PSNR -> the `.vaec` file that meets it.

In: checked samples and a loaded model; out: a packed file. `rate_search` decides what
to try; here it is tried. The whole file counts, with its metadata and alpha.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.hidden_colours import HIDDEN
from vaecodec.codec.image_coding import decode_with, encode_alphas, encode_with
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.codec.search.rate_search import compress_to_psnr, compress_to_size
from vaecodec.format.container import parse_file
from vaecodec.format.metadata import Metadata

Samples = NDArray[np.uint8]

MOST = 10**12  # of any target: more than a file can have


@dataclass(frozen=True)
class Target:
    """What a file shall meet; one of three.

    Attributes:
        size: bytes of the file, not to be exceeded.
        bpp: bits of the file per pixel, not to be exceeded.
        psnr: dB over the colour samples, at least.

    Raises:
        ValueError: Not one of them is given, or it is not above 0 and at most `MOST`.
    """

    size: int | None = None
    bpp: float | None = None
    psnr: float | None = None

    def __post_init__(self) -> None:
        given = [
            value for value in (self.size, self.bpp, self.psnr) if value is not None
        ]
        if len(given) != 1:
            raise ValueError(f"{len(given)} targets given, allowed 1")
        if not 0 < given[0] <= MOST:
            raise ValueError(f"target {given[0]}, allowed above 0, up to {MOST:.0e}")


def encode_to_target(
    model: CodecModel, samples: Samples, *, target: Target, metadata: Metadata
) -> bytes:
    """Compress checked samples with a loaded model.

    Raises:
        TargetError: The target cannot be met.
    """
    alphas = encode_alphas(model, samples)  # once for all trials

    def encode_at(quality: int, factor: float) -> bytes:
        sender = model.weighing_errors(factor)
        return encode_with(
            sender, samples, quality=quality, metadata=metadata, alphas=alphas
        )

    def psnr_of(data: bytes) -> float:
        return colour_psnr(samples, decode_with(model, parse_file(data)))

    if target.psnr is not None:
        return compress_to_psnr(encode_at, psnr_of, psnr=target.psnr)
    pixels = samples.shape[0] * samples.shape[1]
    size = target.size or int((target.bpp or 0) * pixels / 8)
    return compress_to_size(encode_at, size=max(1, size), pixels=pixels)


def colour_psnr(original: Samples, decoded: Samples) -> float:
    """PSNR in dB over the colours that are seen; alpha is exact and does not count."""
    if original.ndim == 2 or original.shape[2] == 3:
        return psnr_db(original, decoded)
    seen = original[:, :, -1] != HIDDEN
    return psnr_db(original[seen][:, :-1], decoded[seen][:, :-1])
