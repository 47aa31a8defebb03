"""What the damaged golden files are made of, before they are damaged.

Two tiles of 64 x 64 pixels, gray or RGB, with or without alpha, with symbols that take
a few bytes. See `golden_lies`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.golden_alpha_lies import SIDE
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.format.chunks import pack_chunk as chunk
from vaecodec.format.chunks import pack_varint
from vaecodec.models.architecture import Symbols

SIGNATURE = b"\x8bVAEC\r\n\x02"
QUALITY = 50
STEPS = 3  # of the golden model


@dataclass(frozen=True)
class Truth:
    """Valid files, and their parts.

    Attributes:
        model: the golden one.
        channels: 1 to 4, as in the header.
        rounds: 1, `STEPS`, or any other number, which is a lie.
        depth: bits of a sample.
        quality_map: of both tiles, or None.
    """

    model: CodecModel
    channels: int = 3
    rounds: int = 1
    depth: int = 8
    quality_map: bytes | None = None

    def header(self, **lie: bytes) -> bytes:
        """The data of a header, some fields of which may be replaced by a lie."""
        fields = {
            "width": pack_varint(2 * SIDE),
            "height": pack_varint(SIDE),
            "samples": bytes([self.channels | self.depth - 1 << 4]),
            "quality": bytes([QUALITY]),
            "tiling": bytes([6 | self.rounds << 4]),
            "stream_id": self.model.stream_id,
            "painter_id": self.model.painter_id,
        }
        return b"".join((fields | lie).values())

    def payloads(
        self,
        number: int,
        *,
        alpha: bytes = b"",
        symbols: Symbols | None = None,
    ) -> list[bytes]:
        """The payloads of a tile, valid beside this alpha."""
        coder, map_ = self.model.coder, self.quality_map
        value = QUALITY if map_ is None else map_[number]
        sections = coder.sections(
            symbols or self.symbols(number),
            height=SIDE,
            width=SIDE,
            quality=np.full((1, 1), value, np.uint8),
        )
        place = self.header() + (map_ or b"") + number.to_bytes(4, "little") + alpha
        payloads = coder.encode(sections, fused=self.rounds == 1, bound_to=place)
        return payloads[: self.rounds]

    def symbols(self, number: int) -> Symbols:
        """Symbols of a tile: the hyper-latent has some, the latent is 0."""
        symbols = no_symbols(self.model.architecture, SIDE, SIDE)
        hyper, _ = symbols
        hyper[:] = np.random.default_rng(number).integers(-2, 3, hyper.shape)
        return symbols

    def tiles(self) -> list[bytes]:
        """All T chunks, round after round."""
        both = [self.payloads(number) for number in (0, 1)]
        return [
            chunk("T", data) for round_ in zip(*both, strict=True) for data in round_
        ]

    def file(self, *before: bytes, header: bytes | None = None) -> bytes:
        """A file without alpha, with chunks between header and tiles."""
        return join(chunk("H", header or self.header()), *before, *self.tiles())

    def with_alpha(self, alpha: bytes) -> bytes:
        """A fused file with this data in the A chunk of its first tile."""
        [first], [second] = self.payloads(0, alpha=alpha), self.payloads(1)
        left = chunk("A", alpha), chunk("T", first)
        right = chunk("A", b""), chunk("T", second)
        return join(chunk("H", self.header()), *left, *right)


def join(*chunks: bytes) -> bytes:
    """A file of these chunks."""
    return SIGNATURE + b"".join(chunks)
