"""Samples <-> file bytes, with a model at hand: the two walks below the front doors.

In: checked samples and a loaded model; out: a packed file, and back. Every tile
is coded on its own, as soon as its symbols are known; the networks look across tiles.
Alpha goes past the networks, which do not see what it hides.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from vaecodec.codec.alpha import decode_alpha, encode_alpha, reduced
from vaecodec.codec.analysis import analyze
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.colours import seen_colours
from vaecodec.codec.geometry.areas import (
    Area,
    Region,
    area_of,
    common,
    covering,
    meet,
    shape_of,
    within,
)
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import Tile, tile_named, tiles
from vaecodec.codec.model_channels import check_channels, coded_index, from_model
from vaecodec.codec.pictures.arrays import channels_of
from vaecodec.codec.pictures.output_array import array_for
from vaecodec.codec.synthesis import synthesize
from vaecodec.codec.tile_coder import DecodedTile, Section, no_symbols
from vaecodec.errors import FormatError, ImageError, ModelError
from vaecodec.format.container import ImageFile, binding, pack_file
from vaecodec.format.header import DEFAULT_TILE_LOG2, MAX_ROUNDS, ImageHeader
from vaecodec.format.metadata import NO_METADATA, Metadata
from vaecodec.format.roles import Roles
from vaecodec.models.architecture import Symbols
from vaecodec.models.depth import SHALLOW, Samples, dtype_of, greatest

# Bytes of a tile for which a payload of its own for each step costs more than 0.3 %.
FUSED_BELOW = 10_000


def encode_with(
    model: CodecModel,
    planes: Samples,
    *,
    quality: int,
    depth: int = SHALLOW,
    listed: Roles = (),
    quality_map: bytes | None = None,
    metadata: Metadata = NO_METADATA,
    alphas: Sequence[bytes] | None = None,
) -> bytes:
    """Compress checked planes with a loaded model.

    Args:
        model: any.
        planes: [H, W], or [H, W, C].
        quality: 0..100.
        depth: bits of a sample.
        listed: as of a `Picture`.
        quality_map: of an `ImageFile`.
        metadata: goes into the file.
        alphas: what `encode_alphas` returns for these planes, if that is known already.

    Raises:
        ImageError: The model takes no samples of so many bits, or other channels.
    """
    if depth > model.architecture.most_bits:
        raise ImageError(f"samples of {depth} bits: {_most_bits(model)}")
    header = header_for(model, planes, quality, depth, listed)
    check_channels(header, model.architecture, ImageError)
    return encode_as(
        header,
        model,
        planes,
        quality_map=quality_map,
        metadata=metadata,
        alphas=alphas,
        fuse_below=FUSED_BELOW,
    )


def header_for(
    model: CodecModel,
    planes: Samples,
    quality: int,
    depth: int = SHALLOW,
    listed: Roles = (),
) -> ImageHeader:
    """The header of a file of these planes, with a payload for each step.

    A model with more steps than a header can say gets a single payload.
    """
    steps = len(model.architecture.steps)
    return ImageHeader(
        width=planes.shape[1],
        height=planes.shape[0],
        channels=channels_of(planes),
        quality=quality,
        tile_log2=DEFAULT_TILE_LOG2,
        rounds=steps if steps <= MAX_ROUNDS else 1,
        stream_id=model.stream_id,
        painter_id=model.painter_id,
        depth=depth,
        listed=listed,
    )


def encode_alphas(
    model: CodecModel, planes: Samples, depth: int, listed: Roles = ()
) -> list[bytes]:
    """Alpha of every tile, the same at every quality; nothing for planes without."""
    return _alphas(header_for(model, planes, 0, depth, listed), planes)


def encode_as(
    header: ImageHeader,
    model: CodecModel,
    planes: Samples,
    *,
    quality_map: bytes | None = None,
    metadata: Metadata = NO_METADATA,
    alphas: Sequence[bytes] | None = None,
    fuse_below: int = 0,
) -> bytes:
    """Compress checked planes to a file that begins with this header.

    If the payloads of the first tile have fewer bytes than `fuse_below`, each tile gets
    a single one.
    """
    if alphas is None:
        alphas = _alphas(header, planes)

    def encode(tile: Tile, sections: Sequence[Section]) -> list[bytes]:
        alpha = alphas[tile.number] if alphas else b""
        bound_to = binding(header, quality_map, tile.number, alpha)
        return model.coder.encode(sections, fused=header.rounds == 1, bound_to=bound_to)

    payloads: list[Sequence[bytes]] = [()] * header.tile_count
    colours = seen_colours(planes, header)
    for tile, sections in analyze(colours, header, model, quality_map=quality_map):
        payloads[tile.number] = encode(tile, sections)
        if sum(map(len, payloads[tile.number])) < fuse_below:
            header = replace(header, rounds=1)
            payloads[tile.number] = encode(tile, sections)
        fuse_below = 0  # what the first tile decides holds for all
    return pack_file(
        header, payloads, alphas=alphas, metadata=metadata, quality_map=quality_map
    )


def decode_with(
    model: CodecModel,
    file: ImageFile,
    *,
    region: Region | None = None,
    reduction: int = 1,
    steps: int | None = None,
    out: Samples | None = None,
    without: Collection[int] = (),
) -> Samples:
    """Decompress a file with a loaded model: [H, W], or [H, W, C].

    Args:
        model: the one that the header names.
        file: of which only the tiles are read that are needed.
        region: x, y, width and height of the part that is wanted; None is all.
        reduction: 1, or 8 for a preview of an eighth of the width and height.
        steps: decode so many of the model's steps; None is all.
        out: where to put the samples; None makes a new array.
        without: numbers of tiles that are not read, but opaque and painted as if their
            symbols were 0.

    Raises:
        FormatError: A tile is damaged; says which.
        ModelError: The model cannot draw previews, samples of so many bits, or these
            channels.
        TypeError, ValueError: `out` is no array for these samples.
        ValueError: The region is not inside of the image, or the model has fewer steps.
    """
    header = file.header
    if header.depth > model.architecture.most_bits:
        raise ModelError(f"a file of {header.depth} bits: {_most_bits(model)}")
    check_channels(header, model.architecture, ModelError)
    shape = -(-header.height // reduction), -(-header.width // reduction)
    area = area_of(region, shape)
    channels = [header.channels] if header.channels > 1 else []
    planes = array_for((*shape_of(area), *channels), dtype_of(header.depth), out)
    coded = coded_index(header)

    def read(tile: Tile) -> Symbols:
        # Nothing is put into the planes before a tile is known to be undamaged: until
        # then they are memory that was only claimed.
        wanted = tile.number not in without
        place = covering(tile.pixels, reduction)
        seen = header.has_alpha and meet(place, area)
        alpha = read_alpha(file, tile) if seen and wanted else None
        latents = (
            read_tile(model, file, tile, steps=steps).latents
            if wanted
            else no_symbols(model.architecture, *tile.shape)
        )
        if seen:
            opaque = greatest(header.depth)
            plane = planes[:, :, header.alpha_channel]
            _place_alpha(plane, area, alpha, place, reduction, opaque)
        return latents

    drawn = synthesize(
        read, area, header, model, quality_map=file.quality_map, reduction=reduction
    )
    for place, image in drawn:
        planes[place][coded] = from_model(image, header)
    return planes


def verify_with(
    model: CodecModel, file: ImageFile, *, without: Collection[int] = ()
) -> None:
    """Decode everything that is exact, but for tiles with some numbers.

    Raises:
        FormatError: A tile is damaged; says which.
    """
    for tile in tiles(file.header):
        if tile.number not in without:
            if file.header.has_alpha:
                read_alpha(file, tile)
            read_tile(model, file, tile)


def read_tile(
    model: CodecModel, file: ImageFile, tile: Tile, *, steps: int | None = None
) -> DecodedTile:
    """The symbols and latents of one tile.

    Args:
        model: the one that the header names.
        file: may lack the last payloads of the tile.
        tile: which one.
        steps: only the first ones; None is all that are there.

    Raises:
        FormatError: It is damaged; says which it is.
        ValueError: The model has fewer steps.
    """
    header, architecture = file.header, model.architecture
    count = len(architecture.steps)
    if header.rounds not in (1, count):
        raise FormatError(f"the file has {header.rounds} rounds, its model {count}")
    if steps is not None and not 1 <= steps <= count:
        raise ValueError(f"{steps} steps, allowed 1..{count}")
    height, width = tile.shape
    alpha = file.alphas[tile.number] if header.has_alpha else b""
    quality = QualityMap(header, file.quality_map, cell=architecture.grid.cell)
    with tile_named(tile, header):
        return model.coder.decode(
            file.payloads[tile.number],
            fused=header.rounds == 1,
            steps=steps,
            height=height,
            width=width,
            quality=quality.read(tile.pixels),
            bound_to=binding(header, file.quality_map, tile.number, alpha),
        )


def read_alpha(file: ImageFile, tile: Tile) -> Samples:
    """The alpha of one tile, [h, w].

    Raises:
        FormatError: It is damaged; says which it is.
    """
    height, width = shape_of(tile.pixels)
    alpha, depth = file.alphas[tile.number], file.header.depth
    with tile_named(tile, file.header):
        return decode_alpha(alpha, height=height, width=width, depth=depth)


def _alphas(header: ImageHeader, planes: Samples) -> list[bytes]:
    return [
        encode_alpha(
            planes[tile.pixels][:, :, header.alpha_channel], depth=header.depth
        )
        for tile in tiles(header)
        if header.has_alpha
    ]


def _place_alpha(
    plane: Samples,
    area: Area,
    alpha: Samples | None,
    place: Area,
    reduction: int,
    opaque: int,
) -> None:
    """Put the alpha of a tile, or `opaque` for None, into the plane of an area."""
    part = common(place, area)
    if alpha is None:
        plane[within(part, area)] = opaque
    else:
        small = alpha if reduction == 1 else reduced(alpha)
        plane[within(part, area)] = small[within(part, place)]


def _most_bits(model: CodecModel) -> str:
    return f"this model is for up to {model.architecture.most_bits}"
