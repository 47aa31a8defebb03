"""Samples <-> file bytes, with a model at hand: the two walks below the front doors.

In: checked uint8 samples and a loaded model; out: a packed file, and back. Every tile
is coded on its own; the networks look across tiles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.tiling import tiles
from vaecodec.codec.transformation import analyze, synthesize
from vaecodec.entropy.symbols import TileSymbols
from vaecodec.errors import FormatError
from vaecodec.format.container import ImageFile, pack_file
from vaecodec.format.header import DEFAULT_TILE_LOG2, ImageHeader


def encode_with(model: CodecModel, planes: NDArray[np.uint8], *, quality: int) -> bytes:
    """Compress checked planes with a loaded model."""
    header = ImageHeader(
        width=planes.shape[1],
        height=planes.shape[0],
        channels=1 if planes.ndim == 2 else 3,
        quality=quality,
        tile_log2=DEFAULT_TILE_LOG2,
        model_id=model.model_id,
    )
    symbols = analyze(_as_rgb(planes), header, model)
    payloads = [model.coder.encode(tile, quality=quality) for tile in symbols]
    return pack_file(header, payloads)


def decode_with(model: CodecModel, file: ImageFile) -> NDArray[np.uint8]:
    """Decompress a parsed file with a loaded model."""
    image = synthesize(decode_symbols(model, file), file.header, model)
    return _as_gray(image) if file.header.channels == 1 else image


def decode_symbols(model: CodecModel, file: ImageFile) -> list[TileSymbols]:
    """The symbols of every tile of a parsed file.

    Raises:
        FormatError: A tile is damaged; says which.
    """
    symbols = []
    for number, tile in enumerate(tiles(file.header)):
        height, width = tile.shape
        try:
            decoded = model.coder.decode(
                file.payloads[number],
                height=height,
                width=width,
                quality=file.header.quality,
            )
        except FormatError as error:
            place = divmod(number, file.header.tile_columns)
            raise FormatError(
                f"tile {number + 1} of {len(file.payloads)} "
                f"(row {place[0]}, column {place[1]}): {error}"
            ) from error
        symbols.append(decoded)
    return symbols


def _as_rgb(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return planes if planes.ndim == 3 else np.repeat(planes[:, :, None], 3, axis=2)


def _as_gray(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of three channels that are alike but for coding errors."""
    total = image.sum(axis=2, dtype=np.uint16)
    gray: NDArray[np.uint8] = ((total + 1) // 3).astype(np.uint8)
    return gray
