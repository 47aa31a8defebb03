"""A golden file that no picture makes: symbols from end to end of their range.

In: the small model and a random generator; out: a file whose symbols use every
row of the tables that is coded, and numbers of every length beyond them.
"""

from __future__ import annotations

import numpy as np

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.format.container import binding, pack_file
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Architecture, Quality, Symbols


def extreme_symbols(
    model: CodecModel,
    rng: np.random.Generator,
    *,
    in_steps: bool = False,
    quality_map: bytes | None = None,
) -> bytes:
    """An RGB file of 80 x 48 pixels in two tiles."""
    architecture, coder = model.architecture, model.coder
    header = ImageHeader(
        width=80,
        height=48,
        channels=3,
        quality=70,
        tile_log2=6,
        rounds=len(architecture.steps) if in_steps else 1,
        stream_id=model.stream_id,
        painter_id=model.painter_id,
    )
    qualities = QualityMap(header, quality_map, cell=architecture.grid.cell)
    payloads = []
    for tile in tiles(header):
        quality = qualities.read(tile.pixels)
        symbols = draw_symbols(architecture, rng, tile.shape, quality)
        height, width = tile.shape
        sections = coder.sections(symbols, height=height, width=width, quality=quality)
        bound_to = binding(header, quality_map, tile.number, b"")
        payloads.append(coder.encode(sections, fused=not in_steps, bound_to=bound_to))
    return pack_file(header, payloads, quality_map=quality_map)


def draw_symbols(
    architecture: Architecture,
    rng: np.random.Generator,
    shape: tuple[int, int],
    quality: Quality,
) -> Symbols:
    """Symbols of every magnitude for so many pixels, but 0 where nothing is coded."""
    symbols = no_symbols(architecture, *shape)
    predictor = architecture.predictor(*shape, quality)
    for number, step in enumerate(architecture.steps):
        rows = predictor.predict(number, symbols).indexes
        sizes = 2.0 ** rng.uniform(-1, np.log2(step.limit), rows.size)
        drawn = rng.choice([-1, 1], rows.size) * sizes.astype(np.int64)
        drawn[:2] = step.limit, -step.limit
        drawn *= architecture.tables.is_coded[rows]
        predictor.scatter(number, drawn, symbols.planes[step.plane])
    return symbols
