"""Damaged .vaec files, one lie each, and a part of the message about it.

They become tests/golden/refused. Where the lie is not about a checksum, all checksums
are right, so that nothing but the lie can be the reason. See FORMAT.md, section 9.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from tools.golden_alpha_lies import SIDE, png, wrong_alphas
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.format.chunks import pack_chunk as chunk
from vaecodec.format.chunks import pack_varint
from vaecodec.models.architecture import Symbols

SIGNATURE = b"\x8bVAEC\r\n\x01"
QUALITY = 50
BOMB = 2**24 + 1  # bytes that metadata inflates to
Lies = dict[str, tuple[bytes, str]]


@dataclass(frozen=True)
class Truth:
    """What the valid files are made of: two tiles of 64 x 64 pixels, RGB or RGBA."""

    model: CodecModel

    def header(self, channels: int = 3, **lie: bytes) -> bytes:
        """The data of a header, some fields of which may be replaced by a lie."""
        fields = {
            "width": pack_varint(2 * SIDE),
            "height": pack_varint(SIDE),
            "channels": bytes([channels]),
            "quality": bytes([QUALITY]),
            "tile_log2": b"\x06",
            "model_id": self.model.model_id,
        }
        return b"".join((fields | lie).values())

    def payload(
        self,
        number: int,
        *,
        channels: int = 3,
        alpha: bytes = b"",
        symbols: Symbols | None = None,
    ) -> bytes:
        """The payload of a tile, valid beside this alpha."""
        coder, quality = self.model.coder, np.full((1, 1), QUALITY, np.uint8)
        sections = coder.sections(
            symbols or self.symbols(number), height=SIDE, width=SIDE, quality=quality
        )
        bound_to = self.header(channels) + number.to_bytes(4, "little") + alpha
        return coder.encode(sections, bound_to=bound_to)

    def symbols(self, number: int) -> Symbols:
        """Symbols of a tile that take a few bytes."""
        symbols = no_symbols(self.model.architecture, SIDE, SIDE)
        hyper, _ = symbols
        hyper[:] = np.random.default_rng(number).integers(-2, 3, hyper.shape)
        return symbols

    def rgb(self, *before: bytes, header: bytes | None = None) -> bytes:
        """An RGB file with chunks between header and tiles."""
        return join(chunk("H", header or self.header()), *before, *self.tiles())

    def rgba(self, alpha: bytes) -> bytes:
        """An RGBA file with this data in the A chunk of its first tile."""
        first = chunk("T", self.payload(0, channels=4, alpha=alpha))
        second = chunk("T", self.payload(1, channels=4))
        parts = chunk("A", alpha), first, chunk("A", b""), second
        return join(chunk("H", self.header(4)), *parts)

    def tiles(self, channels: int = 3) -> list[bytes]:
        """The T chunks of both tiles, opaque if there is alpha."""
        return [chunk("T", self.payload(n, channels=channels)) for n in (0, 1)]


def lies(model: CodecModel) -> Lies:
    truth = Truth(model)
    return (
        _signatures(truth)
        | _chunks(truth)
        | _headers(truth)
        | _orders(truth)
        | _metadata(truth)
        | _alphas(truth)
        | _payloads(truth)
    )


def join(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def _signatures(truth: Truth) -> Lies:
    file = truth.rgb()
    return {
        "empty": (b"", "not a .vaec file"),
        "magic": (b"\x89" + file[1:], "not a .vaec file"),
        "magic-as-text": (file.replace(b"\r\n", b"\n"), "not a .vaec file"),
        "version-0": (file[:7] + b"\0" + file[8:], "format version 0"),
        "version-2": (file[:7] + b"\2" + file[8:], "format version 2"),
        "signature-only": (SIGNATURE, "the file ends"),
        "cut-in-header": (file[:16], "the file ends after 16 bytes"),
        "cut-in-tile": (file[:-9], "the file ends"),
        "cut-by-a-byte": (file[:-1], "the file ends"),
        "byte-behind": (file + b"\0", "1 bytes after the last tile"),
        "chunk-behind": (file + chunk("z", b""), "after the last tile"),
        "two-files": (2 * file, "after the last tile"),
    }


def _chunks(truth: Truth) -> Lies:
    file, second = truth.rgb(), truth.tiles()[1]
    start = len(file) - len(second)
    damaged = bytearray(file)
    damaged[start + 5] ^= 0x10
    payload = truth.payload(1)

    def with_length(length: bytes) -> bytes:
        body = b"T" + length + payload
        return file[:start] + body + zlib.crc32(body).to_bytes(4, "little")

    size = len(payload)
    return {
        "checksum": (bytes(damaged), "chunk 'T' is damaged"),
        "checksum-of-skipped": (
            truth.rgb(chunk("z", b"abc")[:-1] + b"\0"),
            "chunk 'z' is damaged",
        ),
        "type-no-letter": (truth.rgb(chunk("1", b"")), "0x31 is not a letter"),
        "type-beyond-ascii": (truth.rgb(b"\xc3\0" + bytes(4)), "0xc3 is not a letter"),
        "length-not-shortest": (
            with_length(bytes([size & 0x7F | 0x80, size >> 7 | 0x80, 0])),
            "not in its shortest form",
        ),
        "length-of-6-bytes": (with_length(b"\x80" * 5 + b"\1"), "longer than 5 bytes"),
        "length-2-31": (with_length(b"\x80\x80\x80\x80\x08"), "more than 2147483647"),
        "length-beyond-file": (
            with_length(b"\xff\xff\xff\xff\x07"),
            "is 2147483647, but the file ends",
        ),
    }


def _headers(truth: Truth) -> Lies:
    header = truth.header
    wrong = {
        "width-0": (header(width=b"\0"), "width 0 is not in"),
        "height-0": (header(height=b"\0"), "height 0 is not in"),
        "width-too-large": (header(width=pack_varint(2**20 + 1)), "width 1048577"),
        "height-not-shortest": (header(height=b"\xc0\0"), "shortest form"),
        "channels-0": (header(channels=0), "colour 0 is not in"),
        "channels-5": (header(channels=5), "colour 5 is not in"),
        "quality-101": (header(quality=b"\x65"), "quality 101 is not in"),
        "tile-2-5": (header(tile_log2=b"\5"), "tile_log2 5 is not in"),
        "tile-2-11": (header(tile_log2=b"\x0b"), "tile_log2 11 is not in"),
        "header-short": (header()[:-1], "10 bytes after the height"),
        "header-long": (header() + b"\0", "12 bytes after the height"),
        "size-of-a-continent": (
            header(width=pack_varint(2**20), height=pack_varint(2**20)),
            "pixels, more than the",
        ),
        "size-of-another": (header(width=pack_varint(SIDE)), "after the last tile"),
        "quality-of-another": (header(quality=b"\x33"), "tile 1 of 2"),
        "model-unknown": (header(model_id=b"no model"), "6e6f206d6f64656c"),
    }
    return {name: (truth.rgb(header=lie), text) for name, (lie, text) in wrong.items()}


def _orders(truth: Truth) -> Lies:
    header, with_alpha = chunk("H", truth.header()), chunk("H", truth.header(4))
    alpha, skipped = chunk("A", b""), chunk("z", b"")
    exif = chunk("e", zlib.compress(b""))
    [one, two], [left, right] = truth.tiles(), truth.tiles(4)
    among = "among the tiles"
    return {
        "no-header": (join(one, two), "'T' in the place of the header"),
        "second-header": (truth.rgb(header), "a second header"),
        "required-unknown": (truth.rgb(chunk("Z", b"")), "'Z' is required"),
        "chunk-among-tiles": (join(header, one, skipped, two), among),
        "exif-among-tiles": (join(header, one, exif, two), among),
        "tile-missing": (join(header, one), "the file ends"),
        "no-tiles": (join(header), "the file ends"),
        "tile-too-many": (join(header, one, two, two), "after the last tile"),
        "tiles-exchanged": (join(header, two, one), "tile 1 of 2"),
        "alpha-unexpected": (join(header, alpha, one, two), among),
        "alpha-missing": (join(with_alpha, alpha, left, right), among),
        "alpha-behind": (join(with_alpha, left, alpha, right, alpha), among),
        "skipped-behind-alpha": (
            join(with_alpha, alpha, skipped, left, alpha, right),
            among,
        ),
    }


def _metadata(truth: Truth) -> Lies:
    whole = zlib.compress(b"metadata")
    preset = zlib.compressobj(zdict=b"metadata")
    known = preset.compress(b"metadata") + preset.flush()
    return {
        "icc-twice": (
            truth.rgb(chunk("I", whole), chunk("I", whole)),
            "is there twice",
        ),
        "xmp-twice": (
            truth.rgb(chunk("x", whole), chunk("x", whole)),
            "is there twice",
        ),
        "icc-not-deflated": (truth.rgb(chunk("I", b"icc")), "is not deflated"),
        "exif-cut": (truth.rgb(chunk("e", whole[:-1])), "not one whole zlib stream"),
        "exif-goes-on": (truth.rgb(chunk("e", 2 * whole)), "not one whole zlib stream"),
        "xmp-empty": (truth.rgb(chunk("x", b"")), "not one whole zlib stream"),
        "xmp-dictionary": (truth.rgb(chunk("x", known)), "is not deflated"),
        "xmp-bomb": (
            truth.rgb(chunk("x", zlib.compress(bytes(BOMB), 9))),
            "holds more than the 16777216 bytes",
        ),
    }


def _alphas(truth: Truth) -> Lies:
    files = {
        f"alpha-{name}": (truth.rgba(alpha), text)
        for name, (alpha, text) in wrong_alphas().items()
    }
    clear, empty = chunk("A", png(np.zeros((SIDE, SIDE), np.uint8))), chunk("A", b"")
    left, right = truth.tiles(4)
    other = join(chunk("H", truth.header(4)), clear, left, empty, right)
    return files | {"alpha-of-another": (other, "tile 1 of 2")}


def _payloads(truth: Truth) -> Lies:
    good = truth.payload(0)
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0x04
    hyper, latent = truth.symbols(0), truth.symbols(0)
    hyper.planes[0][0] = 32
    latent.planes[1][0, 0, 1] = -32768
    wrong = {
        "empty": (b"", "a tile payload of 0 bytes"),
        "zero-end": (good + b"\0", "ends in a zero byte"),
        "flipped-bit": (bytes(flipped), "tile 1 of 2"),
        "cut": (good[:-1].rstrip(b"\0"), "tile 1 of 2"),
        "longer": (good + b"\1", "tile 1 of 2"),
        "far-too-long": (good + b"\1" * 2000, "a tile payload of"),
        "of-another-tile": (truth.payload(1), "tile 1 of 2"),
        "of-another-header": (truth.payload(0, channels=1), "tile 1 of 2"),
        "hyper-symbol-32": (truth.payload(0, symbols=hyper), "magnitude 32"),
        "latent-symbol-32768": (truth.payload(0, symbols=latent), "beyond +-32767"),
    }
    header, second = chunk("H", truth.header()), truth.tiles()[1]
    return {
        f"payload-{name}": (join(header, chunk("T", payload), second), text)
        for name, (payload, text) in wrong.items()
    }
