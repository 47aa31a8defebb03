"""A wanted size, rate, PSNR or score -> the `.vaec` file that meets it.

In: checked samples and a loaded model; out: a packed file. `rate_search` decides what
to try; here it is tried. The whole file counts, with its metadata and alpha.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.hidden_colours import HIDDEN
from vaecodec.codec.image_coding import decode_with, encode_alphas, encode_with
from vaecodec.codec.pictures.arrays import channels_of
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.codec.search.effort import USUAL, with_effort
from vaecodec.codec.search.rate_search import (
    compress_to_level,
    compress_to_size,
    psnr_goal,
    score_goal,
)
from vaecodec.codec.search.ssimulacra2 import SMALLEST_SIDE, Ssimulacra2
from vaecodec.errors import TargetError
from vaecodec.format.container import parse_file
from vaecodec.format.roles import LAYOUTS, alpha_channel, words_of
from vaecodec.models.depth import SHALLOW, Samples, of_depth

MOST = 10**12  # of any target: more than a file can have


@dataclass(frozen=True)
class Target:
    """What a file shall meet; one of four.

    Attributes:
        size: bytes of the file, not to be exceeded.
        bpp: bits of the file per pixel, not to be exceeded.
        psnr: dB over the colour samples, at least.
        ssimulacra2: score of the colours, at least.

    Raises:
        ValueError: Not one of them is given, or it is not above 0 and at most `MOST`.
    """

    size: int | None = None
    bpp: float | None = None
    psnr: float | None = None
    ssimulacra2: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in vars(self).values() if value is not None]
        if len(given) != 1:
            raise ValueError(f"{len(given)} targets given, allowed 1")
        if not 0 < given[0] <= MOST:
            raise ValueError(f"target {given[0]}, allowed above 0, up to {MOST:.0e}")


def encode_to_target(
    model: CodecModel, picture: Picture, target: Target, *, effort: int = USUAL
) -> bytes:
    """Compress a picture with a loaded model.

    Raises:
        ImageError: As `encode_with`.
        TargetError: The target cannot be met.
    """
    samples, depth, listed = picture.samples, picture.depth, picture.listed
    alphas = encode_alphas(model, samples, depth, listed)  # once for all trials

    def encode_at(quality: int, factor: float) -> bytes:
        sender = model.weighing_errors(factor)
        data = encode_with(
            sender,
            samples,
            quality=quality,
            depth=depth,
            listed=listed,
            metadata=picture.metadata,
            alphas=alphas,
        )
        return with_effort(effort, data, samples, sender)

    def decoded(data: bytes) -> Samples:
        return decode_with(model, parse_file(data))

    if target.psnr is not None:
        return compress_to_level(
            encode_at,
            lambda data: colour_psnr(picture, decoded(data)),
            psnr_goal(target.psnr),
        )
    if target.ssimulacra2 is not None:
        if listed:
            raise TargetError(f"SSIMULACRA2 is for pictures, not {words_of(listed)}")
        judge = colour_judge(samples, depth=depth)
        return compress_to_level(
            encode_at,
            lambda data: judge(decoded(data)),
            score_goal(target.ssimulacra2),
        )
    pixels = samples.shape[0] * samples.shape[1]
    size = target.size or int((target.bpp or 0) * pixels / 8)
    return compress_to_size(encode_at, size=max(1, size), pixels=pixels)


def colour_psnr(picture: Picture, decoded: Samples) -> float:
    """PSNR in dB over the colours that are seen; alpha is exact and does not count."""
    original, depth = picture.samples, picture.depth
    alpha = alpha_channel(picture.listed or LAYOUTS[channels_of(original)])
    if alpha is None:
        return psnr_db(original, decoded, depth=depth)
    seen = original[:, :, alpha] != HIDDEN
    pair = (np.delete(samples[seen], alpha, axis=1) for samples in (original, decoded))
    return psnr_db(*pair, depth=depth)


def colour_judge(
    original: Samples, *, depth: int = SHALLOW
) -> Callable[[Samples], float]:
    """SSIMULACRA2 of decoded samples over the colours that are seen, in 8 bits.

    Raises:
        TargetError: The image is too small for the measure.
    """
    if min(original.shape[:2]) < SMALLEST_SIDE:
        raise TargetError(
            f"SSIMULACRA2 needs sides of {SMALLEST_SIDE} pixels, the image is "
            f"{original.shape[1]}x{original.shape[0]}"
        )
    judge = Ssimulacra2(_as_rgb(original, depth))

    def score(decoded: Samples) -> float:
        colours = _as_rgb(decoded, depth)
        if original.ndim == 3 and original.shape[2] in (2, 4):
            hidden = original[:, :, -1] == HIDDEN
            colours = np.where(hidden[:, :, None], _as_rgb(original, depth), colours)
        return judge.score(colours)

    return score


def _as_rgb(samples: Samples, depth: int) -> Samples:
    """[H, W], or [H, W, 2..4] -> [H, W, 3] without alpha."""
    samples = of_depth(samples, depth, SHALLOW)
    if samples.ndim == 3 and samples.shape[2] >= 3:
        return np.ascontiguousarray(samples[:, :, :3])
    gray = samples if samples.ndim == 2 else samples[:, :, 0]
    return np.repeat(gray[:, :, None], 3, axis=2)
