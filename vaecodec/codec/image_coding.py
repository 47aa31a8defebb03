"""Samples <-> file bytes, with a model at hand: the two walks below the front doors.

In: checked uint8 samples and a loaded model; out: a packed file, and back. Every tile
is coded on its own; the networks look across tiles. Alpha goes past the networks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.alpha import decode_alpha, encode_alpha
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.tiling import tiles
from vaecodec.codec.transformation import analyze, synthesize
from vaecodec.entropy.symbols import TileSymbols
from vaecodec.errors import FormatError
from vaecodec.format.container import ImageFile, pack_file
from vaecodec.format.header import DEFAULT_TILE_LOG2, ImageHeader
from vaecodec.format.metadata import NO_METADATA, Metadata


def encode_with(
    model: CodecModel,
    planes: NDArray[np.uint8],
    *,
    quality: int,
    metadata: Metadata = NO_METADATA,
) -> bytes:
    """Compress checked planes with a loaded model."""
    header = ImageHeader(
        width=planes.shape[1],
        height=planes.shape[0],
        channels=1 if planes.ndim == 2 else planes.shape[2],
        quality=quality,
        tile_log2=DEFAULT_TILE_LOG2,
        model_id=model.model_id,
    )
    symbols = analyze(_as_rgb(planes), header, model)
    payloads = [model.coder.encode(tile, quality=quality) for tile in symbols]
    alphas = _encode_alphas(planes, header) if header.has_alpha else []
    return pack_file(header, payloads, alphas=alphas, metadata=metadata)


def decode_with(model: CodecModel, file: ImageFile) -> NDArray[np.uint8]:
    """Decompress a parsed file with a loaded model: [H, W], or [H, W, 2..4]."""
    alpha = decode_alphas(file) if file.header.has_alpha else None
    image = synthesize(decode_symbols(model, file), file.header, model)
    colours = _as_gray(image) if file.header.colour_channels == 1 else image
    return colours if alpha is None else np.dstack([colours, alpha])


def decode_symbols(model: CodecModel, file: ImageFile) -> list[TileSymbols]:
    """The symbols of every tile of a parsed file.

    Raises:
        FormatError: A tile is damaged; says which.
    """
    symbols = []
    for number, tile in enumerate(tiles(file.header)):
        height, width = tile.shape
        with _tile_named(number, file.header):
            decoded = model.coder.decode(
                file.payloads[number],
                height=height,
                width=width,
                quality=file.header.quality,
            )
        symbols.append(decoded)
    return symbols


def decode_alphas(file: ImageFile) -> NDArray[np.uint8]:
    """The alpha of a parsed file that has it, [H, W].

    Raises:
        FormatError: The alpha of a tile is damaged; says which.
    """
    alpha = np.empty((file.header.height, file.header.width), np.uint8)
    for number, tile in enumerate(tiles(file.header)):
        place = alpha[tile.pixels]
        height, width = place.shape
        with _tile_named(number, file.header):
            place[:] = decode_alpha(file.alphas[number], height=height, width=width)
    return alpha


def _encode_alphas(planes: NDArray[np.uint8], header: ImageHeader) -> list[bytes]:
    alpha = planes[:, :, -1]
    return [encode_alpha(alpha[tile.pixels]) for tile in tiles(header)]


@contextlib.contextmanager
def _tile_named(number: int, header: ImageHeader) -> Iterator[None]:
    """Say of which tile something is wrong."""
    try:
        yield
    except FormatError as error:
        row, column = divmod(number, header.tile_columns)
        raise FormatError(
            f"tile {number + 1} of {header.tile_count} "
            f"(row {row}, column {column}): {error}"
        ) from error


def _as_rgb(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The colours of [H, W] or [H, W, 2..4], without alpha, as [H, W, 3]."""
    if planes.ndim == 3 and planes.shape[2] >= 3:
        return planes[:, :, :3]
    gray = planes if planes.ndim == 2 else planes[:, :, 0]
    return np.repeat(gray[:, :, None], 3, axis=2)


def _as_gray(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of three channels that are alike but for coding errors."""
    total = image.sum(axis=2, dtype=np.uint16)
    gray: NDArray[np.uint8] = ((total + 1) // 3).astype(np.uint8)
    return gray
