"""Damaged files: all that is wrong with them, and what can still be seen.

In: all bytes of a file that may be damaged. Out: words, or an image with holes that are
named. Tiles are independent of each other, so damage stays in its tile; the networks
spread it over the borders of its neighbours. They do so less if the place of the damage
continues what is around it. So the holes are filled, coded as if they were a picture,
and the image is decoded once more with that; where they are, it is filled again.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from vaecodec.codec.codec_model import (
    CodecModel,
    model_to_decompress,
    model_to_verify,
)
from vaecodec.codec.geometry.areas import Region, region_of
from vaecodec.codec.geometry.tiling import Tile, tile_name, tiles
from vaecodec.codec.hole_filling import BLURRED, fill_holes
from vaecodec.codec.image_coding import (
    decode_with,
    encode_as,
    read_tile,
    verify_with,
)
from vaecodec.codec.lossless.coding import decode_lossless, read_lossless_tile
from vaecodec.codec.pictures.picture import Picture
from vaecodec.errors import FormatError, ModelError
from vaecodec.format.container import ImageFile, parse_file
from vaecodec.format.header import ImageHeader
from vaecodec.format.salvage import TileDamage, salvage_file
from vaecodec.models.depth import Samples


class Damage(NamedTuple):
    """Something in a file that is damaged.

    Attributes:
        reason: What is wrong, in words.
        region: x, y, width and height of the tile that was hit; None if no part of the
            image was.
        steps: How many coding steps of the tile are undamaged, and shown. If none are,
            the tile is filled in from its surroundings.
    """

    reason: str
    region: Region | None = None
    steps: int = 0


def find_damage(data: bytes, model: str | os.PathLike[str] | None) -> list[str]:
    """All that is wrong with a file; nothing if it is whole.

    A tile with the right checksum and wrong symbols is no accident but a lie. Finding
    that out takes time, so after the first lie no further ones are looked for.

    Raises:
        FormatError: The header is damaged, or the file is none for this program.
        ModelError: The model is missing or damaged, and nothing else is wrong so far.
    """
    file, damaged, found = salvage_file(data)
    found += _reasons(file.header, damaged)
    try:
        _verify(file, model, without=_unseen(damaged))
    except FormatError as error:
        found.append(str(error))
    except ModelError:
        if not found:
            raise
    return found


def _verify(
    file: ImageFile, model: str | os.PathLike[str] | None, *, without: Collection[int]
) -> None:
    """Decode everything that is exact, but for tiles with some numbers."""
    if not file.header.is_lossless:
        verify_with(model_to_verify(file.header, model), file, without=without)
        return
    for tile in tiles(file.header):
        if tile.number not in without:
            read_lossless_tile(file, tile)


def _reasons(header: ImageHeader, damaged: Mapping[int, TileDamage]) -> Iterator[str]:
    """What is wrong with tiles; many with one reason, as at a file's end, are one."""
    for reason, group in itertools.groupby(damaged, key=lambda n: damaged[n].reason):
        first, *others = group
        name = tile_name(first, header)
        more = f" and {len(others)} more after it" if others else ""
        yield f"{name}{more}: {reason}"


def _unseen(damaged: Mapping[int, TileDamage]) -> set[int]:
    """Tiles of which not even the first step is whole."""
    return {number for number, damage in damaged.items() if not damage.rounds}


def recover_picture(
    data: bytes, painter: str | os.PathLike[str] | None, *, threads: int | None
) -> tuple[Picture, list[Damage]]:
    """Samples and metadata as far as they are whole, and what is not.

    Raises:
        FormatError: The header is damaged, all tiles are, or one lies.
        ModelError: The model is missing or damaged.
    """
    file, damaged, problems = salvage_file(data)
    header, unseen = file.header, _unseen(damaged)
    seen = next((tile for tile in tiles(header) if tile.number not in unseen), None)
    if seen is None:
        reason = damaged[0].reason
        raise FormatError(f"no tile is whole: {tile_name(0, header)}: {reason}")
    holes = [tile for tile in tiles(header) if tile.number in unseen]
    if header.is_lossless:
        samples = _lossless_with_holes(file, seen, holes, threads)
    else:
        ready = model_to_decompress(header, painter, threads=threads)
        samples = _lossy_with_holes(ready, file, seen, holes)
    damages = [Damage(problem) for problem in problems]
    for tile in tiles(header):
        if damage := damaged.get(tile.number):
            reason = f"{tile_name(tile.number, header)}: {damage.reason}"
            damages.append(Damage(reason, region_of(tile.pixels), damage.rounds))
    picture = Picture(samples, file.metadata, depth=header.depth, listed=header.listed)
    return picture, damages


def _lossless_with_holes(
    file: ImageFile, seen: Tile, holes: Sequence[Tile], threads: int | None
) -> Samples:
    """All samples, with a smooth fill in the holes."""
    read_lossless_tile(file, seen)  # before memory is taken, as below
    unseen = {hole.number for hole in holes}
    samples = decode_lossless(file, without=unseen, threads=threads)
    if holes:
        fill_holes(samples, holes)
    return samples


def _lossy_with_holes(
    model: CodecModel, file: ImageFile, seen: Tile, holes: Sequence[Tile]
) -> Samples:
    """All samples, with a smooth fill in the holes and little harm around them."""
    # A header with the right checksum may still claim any size. A tile is bound to the
    # header, so one of them tells, before an image of that size is painted.
    read_tile(model, file, seen)
    samples = decode_with(model, file, without={hole.number for hole in holes})
    if holes:
        fill_holes(samples, holes, margin=BLURRED)
        samples = decode_with(model, _with_stand_ins(model, file, holes, samples))
        fill_holes(samples, holes)
    return samples


def _with_stand_ins(
    model: CodecModel,
    file: ImageFile,
    holes: Sequence[Tile],
    samples: Samples,
) -> ImageFile:
    """The file, in which some tiles are those of a file of these samples."""
    filled = parse_file(
        encode_as(file.header, model, samples, quality_map=file.quality_map)
    )
    payloads, alphas = list(file.payloads), list(file.alphas)
    for tile in holes:
        number = slice(tile.number, tile.number + 1)
        payloads[number], alphas[number] = (
            filled.payloads[number],
            filled.alphas[number],
        )
    return replace(file, payloads=payloads, alphas=alphas)
