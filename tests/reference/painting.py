"""A second decoder, part seven: latents -> pixels, where these are exact.

Written from section 7 of vaecodec/format/FORMAT.md and section 4 of
vaecodec/models/quadrants/SPEC.md alone, with the standard library.
"""

from __future__ import annotations

from fractions import Fraction

from tests.reference.container import Container
from tests.reference.exact import (
    Program,
    clamp,
    each_value,
    read_program,
    run,
    sources_of,
)
from tests.reference.layers import Grid, Planes
from tests.reference.model import Model, refuse_unless


def draw(model: Model, container: Container, tiles: list[dict[str, Planes]]) -> bytes:
    """The samples of the image without alpha, from the latents of its tiles.

    A byte for each, or two of more than 8 bits, low byte first.
    """
    header = container.header
    across = -(-header.width // (1 << header.tile_log2))
    feeds = {name: whole([tile[name] for tile in tiles], across) for name in tiles[0]}
    painter, qualities = read_program(model, "painter"), image_qualities(container)
    if header.depth == 8:
        colours = run(painter, feeds, qualities)["image"]
    else:
        painter, shift = without_narrowing(painter)
        sums = run(painter, feeds, qualities)["image"]
        colours = each_value(sums, lambda x, _: sample(x, shift, header.depth))
    planes = [gray(colours)] if header.channels < 3 else colours
    return b"".join(
        plane[y][x].to_bytes(1 if header.depth == 8 else 2, "little")
        for y in range(header.height)
        for x in range(header.width)
        for plane in planes
    )


def without_narrowing(painter: Program) -> tuple[Program, int]:
    """The painter, whose image is one of wide sums, and the shift that they lack."""
    makers = {each["out"]: each for each in painter.operations}
    last, chain = makers["image"], {"image"}
    while last["op"] == "shuffle" and last["source"] in makers:
        last = makers[last["source"]]
        chain.add(last["out"])
    single = last["op"] == "narrow" and len(last["shift"]) == 1
    refuse_unless(single, "the end of a painter of more than 8 bits")
    readers = [each for each in painter.operations if chain & {*sources_of(each)}]
    refuse_unless(len(readers) == len(chain) - 1, "readers of what a painter narrows")
    as_it_is = {"op": "widen", "shift": (0,)}
    operations = [
        each | as_it_is if each is last else each for each in painter.operations
    ]
    return painter._replace(operations=operations), last["shift"][0]


def sample(x: int, shift: int, depth: int) -> int:
    """The sample that a sum stands for."""
    most = 2**depth - 1
    # Python rounds halves to the even number.
    return clamp(round(Fraction(x * most, 255 << shift)), 0, most)


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
