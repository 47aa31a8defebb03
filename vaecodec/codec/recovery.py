"""Damaged files: all that is wrong with them, and what can still be seen.

In: all bytes of a file that may be damaged. Out: words, or an image with holes that are
named. Tiles are independent of each other, so damage stays in its tile; the networks
spread it over the borders of its neighbours.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.areas import Region, region_of
from vaecodec.codec.codec_model import model_to_decompress
from vaecodec.codec.image_coding import damaged_tiles, decode_with
from vaecodec.errors import FormatError, ModelError
from vaecodec.format.container import parse_file
from vaecodec.format.metadata import Metadata
from vaecodec.format.salvage import salvage_file


class Damage(NamedTuple):
    """Something in a file that is damaged.

    Attributes:
        reason: what is wrong, in words.
        region: x, y, width and height of the tile that cannot be seen; None where the
            damage hides nothing.
    """

    reason: str
    region: Region | None = None


def find_damage(data: bytes, model: str | os.PathLike[str] | None) -> list[str]:
    """All that is wrong with a file; nothing if it is whole.

    Raises:
        FormatError: No more than this can be said of the file.
        ModelError: The model is missing or damaged, and nothing else is wrong so far.
    """
    file, problems = salvage_file(data)
    try:
        ready = model_to_decompress(file.header.model_id, model, threads=1)
    except ModelError:
        parse_file(data)  # What is wrong with the file itself is said before.
        raise
    problems += [reason for _, reason in damaged_tiles(ready, file)]
    if not problems:
        parse_file(data)
    return problems


def recover_samples(
    data: bytes, model: str | os.PathLike[str] | None, *, threads: int | None
) -> tuple[NDArray[np.uint8], Metadata, list[Damage]]:
    """Samples [H, W] or [H, W, 2..4], and metadata, as far as they are whole.

    Raises:
        FormatError: The header is damaged, or all tiles are.
        ModelError: The model is missing or damaged.
    """
    file, problems = salvage_file(data)
    ready = model_to_decompress(file.header.model_id, model, threads=threads)
    damaged = damaged_tiles(ready, file)
    if len(damaged) == file.header.tile_count:
        raise FormatError(f"no tile is whole: {damaged[0][1]}")
    samples = decode_with(ready, file, without={tile.number for tile, _ in damaged})
    damages = [Damage(reason) for reason in problems]
    damages += [Damage(reason, region_of(tile.pixels)) for tile, reason in damaged]
    return samples, file.metadata, damages
