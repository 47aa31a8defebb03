"""A second decoder, part one: a file and its model -> all that is exact in it.

That is everything, pixels as well, with a model of `quadrants`; of a picture that was
made with one of `checkerboard`, all but its pixels.

Written from vaecodec/format/FORMAT.md and the specification of the architecture alone,
and kept apart from the package; see README.md in this folder. In go the bytes of a
file, or of a beginning of one that ends after a round, and those of its model. Whatever
is wrong with them raises `Refused`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.reference import checkerboard, quadrants
from tests.reference.alpha import read_alpha
from tests.reference.coded import read_any_model
from tests.reference.container import Container, Header, read_container
from tests.reference.model import Model, refuse_unless
from tests.reference.painting import draw
from tests.reference.payload import read_tile

ARCHITECTURES: dict[str, Any] = {"checkerboard": checkerboard, "quadrants": quadrants}


class Decoded(NamedTuple):
    """What a file says. `alphas` (or nothing) and `symbols` go tile after tile.

    Alpha is a byte per sample, or two with more than 8 bits, row after row; the symbols
    of a tile are those of its steps, one after the other. The quality map has one byte
    per cell, row after row. Pixels, without alpha, have as many bytes per sample; None
    where they are not exact.
    """

    header: Header
    metadata: dict[str, bytes]
    quality_map: bytes | None
    alphas: list[bytes]
    symbols: list[list[int]]
    pixels: bytes | None


def read_model(data: bytes) -> Model:
    """Read a model file and check it."""
    model = read_any_model(data)
    name = model.metadata.get("architecture", "")
    refuse_unless(name in ARCHITECTURES, f"the architecture {name!r}")
    ARCHITECTURES[name].check_model(model)
    return model


def decode(data: bytes, model: Model, *, rounds: int | None = None) -> Decoded:
    """Decode a file, or the first rounds only of one that may end after them."""
    container = read_container(data, rounds)
    header = container.header
    architecture = ARCHITECTURES[model.metadata["architecture"]]
    refuse_unless(header.stream_id == model.stream_id(), "another model")
    refuse_unless(header.rounds in (1, architecture.STEPS), "rounds that are no steps")
    exact = architecture is quadrants
    alphas = [
        read_alpha(container.alphas[number], height, width, header.depth)
        for number, (height, width) in enumerate(header.tiles())
        if container.alphas
    ]
    tiles = [
        read_steps(architecture, model, container, number)
        for number in range(header.tile_count())
    ]
    symbols = [[value for step in found for value in step] for found, _ in tiles]
    latents = [steps.latents(len(found), found[-1]) for found, steps in tiles if exact]
    pixels = draw(model, container, latents) if exact else None
    whole = container.metadata, container.quality_map
    return Decoded(header, *whole, alphas, symbols, pixels)


def read_steps(
    architecture: Any, model: Model, container: Container, number: int
) -> tuple[list[list[int]], Any]:
    """The symbols of a tile, step after step, and its steps."""
    height, width = container.header.tiles()[number]
    qualities = container.qualities(number)
    steps = architecture.TileSteps(model, height, width, qualities)
    payloads = [payloads[number] for payloads in container.payloads]
    place, fused = container.place(number), container.header.rounds == 1
    return read_tile(model, payloads, place, steps, fused=fused), steps
