"""A second decoder, part seven: latents -> pixels, where these are exact.

Written from section 7 of vaecodec/format/FORMAT.md and section 4 of
vaecodec/models/quadrants/SPEC.md alone, with the standard library.
"""

from __future__ import annotations

from tests.reference.container import Container
from tests.reference.exact import read_program, run
from tests.reference.layers import Grid, Planes
from tests.reference.model import Model


def draw(model: Model, container: Container, tiles: list[dict[str, Planes]]) -> bytes:
    """The samples of the image without alpha, from the latents of its tiles."""
    header = container.header
    across = -(-header.width // (1 << header.tile_log2))
    feeds = {name: whole([tile[name] for tile in tiles], across) for name in tiles[0]}
    painter = read_program(model, "painter")
    colours = run(painter, feeds, image_qualities(container))["image"]
    planes = [gray(colours)] if header.channels < 3 else colours
    return bytes(
        plane[y][x]
        for y in range(header.height)
        for x in range(header.width)
        for plane in planes
    )


def whole(tiles: list[Planes], across: int) -> Planes:
    """A plane of the image from those of its tiles."""
    return [
        [row for beside in tile_rows(tiles, across) for row in joined(beside, channel)]
        for channel in range(len(tiles[0]))
    ]


def tile_rows(tiles: list[Planes], across: int) -> list[list[Planes]]:
    """Tiles that lie beside each other, row after row."""
    return [tiles[start : start + across] for start in range(0, len(tiles), across)]


def joined(tiles: list[Planes], channel: int) -> Grid:
    """One channel of tiles that lie beside each other."""
    rows = zip(*(tile[channel] for tile in tiles), strict=True)
    return [[value for part in parts for value in part] for parts in rows]


def image_qualities(container: Container) -> Grid:
    """The quality of each cell of the image."""
    rows, columns = container.header.cells()
    values = container.quality_map or bytes([container.header.quality]) * rows * columns
    return [list(values[columns * y : columns * (y + 1)]) for y in range(rows)]


def gray(colours: Planes) -> Grid:
    return [
        [(sum(samples) + 1) // 3 for samples in zip(*rows, strict=True)]
        for rows in zip(*colours, strict=True)
    ]
