"""Samples <-> the bytes of a lossless file, tile by tile.

In: checked uint8 samples; out: a packed file, and back. Tiles know nothing of each
other. Photographs are coded by a model that comes with the package, drawings without
one. Each tile is read again and compared before anybody gets it.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.geometry.areas import (
    Region,
    area_of,
    common,
    covering,
    meet,
    shape_of,
    within,
)
from vaecodec.codec.geometry.tiling import Tile, tile_named, tiles
from vaecodec.codec.lossless.estimate import looks_drawn
from vaecodec.codec.lossless.tile_data import decode_tile, encode_tile, kinds_to_try
from vaecodec.codec.pictures.arrays import channels_of
from vaecodec.codec.pictures.output_array import array_for
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.side_by_side import side_by_side
from vaecodec.format.container import ImageFile, pack_file
from vaecodec.format.header import (
    DEFAULT_TILE_LOG2,
    MAX_LOSSLESS_TILE_LOG2,
    MAX_QUALITY,
    NO_STREAM,
    ImageHeader,
    error_id,
    most_error,
)
from vaecodec.models.depth import SHALLOW, Samples, dtype_of
from vaecodec.models.engines.sessions import check_threads

UNDIVIDED = 1 << 20  # pixels; as many as a tile of the usual size has


def encode_lossless(
    picture: Picture,
    *,
    largest_error: int = 0,
    learned: bool = True,
    threads: int | None = 1,
) -> bytes:
    """Write a picture so that each of its samples comes back.

    Args:
        picture: any.
        largest_error: how far samples may be from what they were; alpha never is.
        learned: whether to try a model as well, which takes several times as long.
        threads: for tiles; None takes all cores.

    Raises:
        ImageError: The samples of a tile do not come back, so nothing is returned.
        ValueError: The error is larger than half of the range of samples.
    """
    if largest_error > (most := most_error(picture.depth)):
        raise ValueError(f"max_error {largest_error}, allowed 0..{most}")
    samples = picture.samples
    header = _header_for(picture, largest_error)

    def encode(tile: Tile) -> bytes:
        part = samples[tile.pixels]
        kinds = kinds_to_try(part, header, learned=learned)
        return encode_tile(part, header, tile.number, kinds)

    every, several = list(tiles(header)), _threads(header, threads, learned=learned)
    payloads = [(data,) for data in side_by_side(encode, every, threads=several)]
    return pack_file(header, payloads, metadata=picture.metadata)


def decode_lossless(
    file: ImageFile,
    *,
    region: Region | None = None,
    reduction: int = 1,
    out: Samples | None = None,
    without: Collection[int] = (),
    threads: int | None = 1,
) -> Samples:
    """Samples of a lossless file, [H, W] or [H, W, 2..16].

    Args:
        file: of which only the tiles are read that are needed.
        region: x, y, width and height of the part that is wanted; None is all.
        reduction: 1, or 8 for a preview: means of 8 x 8 pixels.
        out: where to put the samples; None makes a new array.
        without: numbers of tiles that are not read; their samples are undefined.
        threads: for tiles; None takes all cores.

    Raises:
        FormatError: A tile is damaged; says which.
        ModelError: The model of a tile is missing or damaged.
        TypeError, ValueError: `out` is no array for these samples.
        ValueError: The region is not inside of the image.
    """
    header = file.header
    shape = -(-header.height // reduction), -(-header.width // reduction)
    area = area_of(region, shape)
    channels = [header.channels] if header.channels > 1 else []
    planes = array_for((*shape_of(area), *channels), dtype_of(header.depth), out)

    def put(tile: Tile) -> None:
        place = covering(tile.pixels, reduction)
        samples = read_lossless_tile(file, tile)
        if reduction > 1:
            samples = _reduced(samples, reduction, header)
        part = common(place, area)
        planes[within(part, area)] = samples[within(part, place)]

    needed = [
        tile
        for tile in tiles(header)
        if tile.number not in without and meet(covering(tile.pixels, reduction), area)
    ]
    for _ in side_by_side(put, needed, threads=_threads(header, threads, learned=True)):
        pass
    return planes


def read_lossless_tile(file: ImageFile, tile: Tile) -> Samples:
    """The samples of one tile, [h, w] or [h, w, 2..16].

    Raises:
        FormatError: It is damaged; says which it is.
        ModelError: Its model is missing or damaged.
    """
    header = file.header
    channels = [header.channels] if header.channels > 1 else []
    with tile_named(tile, header):
        [data] = file.payloads[tile.number]
        return decode_tile(data, (*tile.shape, *channels), header, tile.number)


def _header_for(picture: Picture, largest_error: int) -> ImageHeader:
    """The header of a lossless file.

    Drawings repeat themselves at a distance, which only helps inside of a tile; of
    others, smaller tiles take less memory, and less is lost with a damaged one.
    """
    samples = picture.samples
    undivided = samples.shape[0] * samples.shape[1] <= UNDIVIDED or looks_drawn(samples)
    return ImageHeader(
        width=samples.shape[1],
        height=samples.shape[0],
        channels=channels_of(samples),
        quality=MAX_QUALITY,
        tile_log2=MAX_LOSSLESS_TILE_LOG2 if undivided else DEFAULT_TILE_LOG2,
        rounds=1,
        stream_id=NO_STREAM,
        painter_id=error_id(largest_error),
        depth=picture.depth,
        listed=picture.listed,
    )


def _threads(header: ImageHeader, threads: int | None, *, learned: bool) -> int | None:
    """One if tiles take much memory: 30 bytes a pixel as WebP, up to 600 learned."""
    check_threads(threads)
    may_be_learned = learned and header.depth == SHALLOW and not header.listed
    is_large = header.tile_log2 > DEFAULT_TILE_LOG2
    return 1 if may_be_learned or is_large else threads


def _reduced(samples: Samples, reduction: int, header: ImageHeader) -> Samples:
    """Means of squares of pixels, in which hidden colours do not count."""
    if header.depth == SHALLOW and not header.listed:
        return np.asarray(Image.fromarray(samples).reduce(reduction))
    planes, alpha = np.atleast_3d(samples), header.alpha_channel
    everywhere = np.ones(planes.shape[:2])
    weights = everywhere if alpha is None else planes[:, :, alpha].astype(float)
    total = np.maximum(_sums(weights, reduction), 1)
    means = [
        _sums(plane * weights, reduction) / total for plane in np.moveaxis(planes, 2, 0)
    ]
    if alpha is not None:
        means[alpha] = _sums(weights, reduction) / _sums(everywhere, reduction)
    found: Samples = np.rint(np.dstack(means)).astype(samples.dtype)
    return found.reshape(*found.shape[:2], *samples.shape[2:])


def _sums(plane: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Sums of squares of pixels, of fewer at the right and lower edge."""
    rows = np.add.reduceat(plane, range(0, plane.shape[0], side), axis=0)
    return np.add.reduceat(rows, range(0, plane.shape[1], side), axis=1)
