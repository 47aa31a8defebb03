"""A second decoder, part one: a file and its model -> all that is exact in it.

Written from vaecodec/format/FORMAT.md and the specification of the architecture alone,
and kept apart from the package; see README.md in this folder. In go the bytes of a
file, or of a beginning of one that ends after a round, and those of its model. Whatever
is wrong with them raises `Refused`.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.reference.alpha import read_alpha
from tests.reference.checkerboard import STEPS, check_model
from tests.reference.coded import read_any_model
from tests.reference.container import Header, read_container
from tests.reference.model import Model, refuse_unless
from tests.reference.payload import Tile, read_tile


class Decoded(NamedTuple):
    """What a file says. `alphas` (or nothing) and `symbols` go tile after tile.

    Alpha is a byte per sample, or two with more than 8 bits, row after row; the symbols
    of a tile are those of its steps, one after the other. The quality map has one byte
    per cell, row after row.
    """

    header: Header
    metadata: dict[str, bytes]
    quality_map: bytes | None
    alphas: list[bytes]
    symbols: list[list[int]]


def read_model(data: bytes) -> Model:
    """Read a model file and check it."""
    model = read_any_model(data)
    check_model(model)
    return model


def decode(data: bytes, model: Model, *, rounds: int | None = None) -> Decoded:
    """Decode a file, or the first rounds only of one that may end after them."""
    container = read_container(data, rounds)
    header = container.header
    refuse_unless(header.stream_id == model.stream_id(), "another model")
    refuse_unless(header.rounds in (1, STEPS), "rounds that are not the model's steps")
    whole = container.metadata, container.quality_map
    decoded = Decoded(header, *whole, [], [])
    for number, (height, width) in enumerate(header.tiles()):
        if container.alphas:
            chunk = container.alphas[number]
            alpha = read_alpha(chunk, height, width, header.depth)
            decoded.alphas.append(alpha)
        payloads = [payloads[number] for payloads in container.payloads]
        tile = Tile(height, width, container.qualities(number), container.place(number))
        fused = header.rounds == 1
        decoded.symbols.append(read_tile(model, payloads, tile, fused=fused))
    return decoded
