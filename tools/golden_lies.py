"""Damaged .vaec files, one lie each, and a part of the message about it.

They become tests/golden/refused. Where the lie is not about a checksum, all checksums
are right, so that nothing but the lie can be the reason. See FORMAT.md, section 9.
"""

from __future__ import annotations

import zlib

import numpy as np

from tools.golden_alpha_lies import SIDE, png, wrong_alphas
from tools.golden_payload_lies import payload_lies, round_lies
from tools.golden_truth import QUALITY, SIGNATURE, STEPS, Truth, join
from vaecodec.codec.codec_model import CodecModel
from vaecodec.format.chunks import pack_chunk as chunk
from vaecodec.format.chunks import pack_varint

BOMB = 2**24 + 1  # bytes that metadata inflates to
# A whole file of one gray pixel, as the first release wrote it.
VERSION_1 = bytes.fromhex(
    "8b564145430d0a01480d010101320ac03eb3178eb044eb6f6bbfbc780878"
    "da030000000001149b593c54134d27f61274d2487d50b53a7098400158ee"
    "8a058581f81c"
)
Lies = dict[str, tuple[bytes, str]]


def lies(model: CodecModel) -> Lies:
    """Files by name, each with words that the message about it contains."""
    truth = Truth(model)
    return (
        _signatures(truth)
        | _chunks(truth)
        | _headers(truth)
        | _orders(truth)
        | _not_read(truth)
        | _quality_maps(model)
        | _metadata(truth)
        | _alphas(Truth(model, channels=4))
        | payload_lies(model)
        | round_lies(model)
    )


def _signatures(truth: Truth) -> Lies:
    file = truth.file()
    return {
        "empty": (b"", "not a .vaec file"),
        "magic": (b"\x89" + file[1:], "not a .vaec file"),
        "magic-as-text": (file.replace(b"\r\n", b"\n"), "not a .vaec file"),
        "version-0": (file[:7] + b"\0" + file[8:], "format version 0"),
        "version-1": (VERSION_1, "version 1, this program reads version 2"),
        "version-3": (file[:7] + b"\3" + file[8:], "format version 3"),
        "signature-only": (SIGNATURE, "the file ends"),
        "cut-in-header": (file[:16], "the file ends after 16 bytes"),
        "cut-in-tile": (file[:-9], "the file ends"),
        "cut-by-a-byte": (file[:-1], "the file ends"),
        "byte-behind": (file + b"\0", "1 bytes after the last tile"),
        "chunk-behind": (file + chunk("z", b""), "after the last tile"),
        "two-files": (2 * file, "after the last tile"),
    }


def _chunks(truth: Truth) -> Lies:
    file, second = truth.file(), truth.tiles()[1]
    start = len(file) - len(second)
    damaged = bytearray(file)
    damaged[start + 5] ^= 0x10
    [payload] = truth.payloads(1)

    def with_length(length: bytes) -> bytes:
        body = b"T" + length + payload
        return file[:start] + body + zlib.crc32(body).to_bytes(4, "little")

    size = len(payload)
    return {
        "checksum": (bytes(damaged), "chunk 'T' is damaged"),
        "checksum-of-skipped": (
            truth.file(chunk("z", b"abc")[:-1] + b"\0"),
            "chunk 'z' is damaged",
        ),
        "type-no-letter": (truth.file(chunk("1", b"")), "0x31 is not a letter"),
        "type-beyond-ascii": (truth.file(b"\xc3\0" + bytes(4)), "0xc3 is not a letter"),
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
    most = pack_varint(2**20)
    wrong = {
        "width-0": (header(width=b"\0"), "width 0 is not in"),
        "height-0": (header(height=b"\0"), "height 0 is not in"),
        "width-too-large": (header(width=pack_varint(2**20 + 1)), "width 1048577"),
        "height-not-shortest": (header(height=b"\xc0\0"), "shortest form"),
        "layout-5": (header(samples=b"\x75"), "layout 5 is not in"),
        "depth-7": (header(samples=b"\x63"), "bits per sample 7 is not in"),
        "depth-12": (header(samples=b"\xb3"), "tile 1 of 2"),
        "depth-16": (header(samples=b"\xf3"), "tile 1 of 2"),
        "quality-101": (header(quality=b"\x65"), "quality 101 is not in"),
        "tile-2-5": (header(tiling=b"\x15"), "tile_log2 5 is not in"),
        "tile-2-11": (header(tiling=b"\x1b"), "tile_log2 11 is not in"),
        "rounds-0": (header(tiling=b"\x06"), "rounds 0 is not in"),
        "header-short": (header()[:-1], "bytes after the height"),
        "header-long": (header() + b"\0", "bytes after the height"),
        "size-of-a-continent": (
            header(width=most, height=most),
            "pixels, more than the",
        ),
        "size-of-another": (header(width=pack_varint(SIDE)), "after the last tile"),
        "quality-of-another": (header(quality=bytes([QUALITY + 1])), "tile 1 of 2"),
        "painter-of-another": (header(painter_id=b"none"), "tile 1 of 2"),
        "stream-unknown": (header(stream_id=b"no model"), "6e6f206d6f64656c"),
    }
    return {name: (truth.file(header=lie), text) for name, (lie, text) in wrong.items()}


def _orders(truth: Truth) -> Lies:
    opaque = Truth(truth.model, channels=4)
    header, with_alpha = chunk("H", truth.header()), chunk("H", opaque.header())
    alpha, skipped = chunk("A", b""), chunk("z", b"")
    exif = chunk("e", zlib.compress(b""))
    [one, two], [left, right] = truth.tiles(), opaque.tiles()
    among = "among the tiles"
    return {
        "no-header": (join(one, two), "'T' in the place of the header"),
        "second-header": (truth.file(header), "is there twice"),
        "required-unknown": (truth.file(chunk("Z", b"")), "'Z' is required"),
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


def _not_read(truth: Truth) -> Lies:
    """Parts of the format that are not read yet, and lists of channels amiss."""
    header = truth.header
    not_read = "is part of the format, but not read by this program"
    channels = bytes([3, 1, 2, 3])
    listed = header(samples=b"\x70")
    lossless = chunk("L", b"\0")
    _, second = truth.tiles()
    return {
        "layout-0": (
            truth.file(chunk("C", channels), header=listed),
            "layout 0 lists the channels of layout 3",
        ),
        "layout-0-without-list": (
            truth.file(header=listed),
            "layout 0 without a list of channels",
        ),
        "list-of-channels": (
            truth.file(chunk("C", channels)),
            "layout 3 with a list of channels",
        ),
        "receiver-patch": (
            truth.file(chunk("R", b"")),
            f"'R' (receiver patch) {not_read}",
        ),
        "lossless-tile": (
            join(chunk("H", header()), lossless, second),
            f"'L' (lossless tile) {not_read}",
        ),
    }


def _quality_maps(model: CodecModel) -> Lies:
    plain, mapped = Truth(model), Truth(model, quality_map=bytes([30, 80]))
    good, other = zlib.compress(bytes([30, 80])), zlib.compress(bytes([30, 81]))
    wrong = {
        "short": (zlib.compress(bytes([30])), "holds 1 bytes, not 1 x 2"),
        "long": (zlib.compress(bytes([30, 80, 80])), "more than the 2 bytes"),
        "101": (zlib.compress(bytes([30, 101])), "quality 101"),
        "bomb": (zlib.compress(bytes(BOMB), 9), "more than the 2 bytes"),
        "not-deflated": (bytes([30, 80]), "is not deflated"),
        "cut": (good[:-1], "not one whole zlib stream"),
        "goes-on": (2 * good, "not one whole zlib stream"),
        "of-another": (other, "tile 1 of 2"),
        "exchanged": (zlib.compress(bytes([80, 30])), "tile 1 of 2"),
    }
    files = {
        f"map-{name}": (mapped.file(chunk("Q", data)), text)
        for name, (data, text) in wrong.items()
    }
    # The same quality everywhere, and still not the same file.
    even = zlib.compress(bytes([QUALITY, QUALITY]))
    return files | {
        "map-missing": (mapped.file(), "tile 1 of 2"),
        "map-unexpected": (plain.file(chunk("Q", even)), "tile 1 of 2"),
        "map-twice": (mapped.file(*2 * [chunk("Q", good)]), "is there twice"),
        "map-among-tiles": (
            join(chunk("H", mapped.header()), mapped.tiles()[0], chunk("Q", good)),
            "among the tiles",
        ),
    }


def _metadata(truth: Truth) -> Lies:
    whole = zlib.compress(b"metadata")
    preset = zlib.compressobj(zdict=b"metadata")
    known = preset.compress(b"metadata") + preset.flush()
    twice = {
        name: (truth.file(*2 * [chunk(letter, data)]), "is there twice")
        for name, letter, data in (
            ("icc-twice", "I", whole),
            ("exif-twice", "e", whole),
            ("xmp-twice", "x", whole),
            ("gain-map-twice", "g", b""),
            ("credentials-twice", "c", b""),
            ("mastering-data-twice", "m", bytes(32)),
            ("code-points-twice", "P", bytes([9, 16, 0, 1])),
        )
    }
    points = {
        f"code-points-{name}": (truth.file(chunk("P", bytes(data))), "not as described")
        for name, data in (
            ("short", [9, 16, 0]),
            ("long", [9, 16, 0, 1, 0]),
            ("matrix", [9, 16, 9, 1]),
            ("range", [9, 16, 0, 2]),
        )
    }
    return (
        twice
        | points
        | {
            "icc-not-deflated": (truth.file(chunk("I", b"icc")), "is not deflated"),
            "exif-cut": (
                truth.file(chunk("e", whole[:-1])),
                "not one whole zlib stream",
            ),
            "exif-goes-on": (
                truth.file(chunk("e", 2 * whole)),
                "not one whole zlib stream",
            ),
            "xmp-empty": (truth.file(chunk("x", b"")), "not one whole zlib stream"),
            "xmp-dictionary": (truth.file(chunk("x", known)), "is not deflated"),
            "xmp-bomb": (
                truth.file(chunk("x", zlib.compress(bytes(BOMB), 9))),
                "holds more than the 16777216 bytes",
            ),
        }
    )


def _alphas(truth: Truth) -> Lies:
    files = {
        f"alpha-{name}": (truth.with_alpha(alpha), text)
        for name, (alpha, text) in wrong_alphas().items()
    }
    clear, empty = chunk("A", png(np.zeros((SIDE, SIDE), np.uint8))), chunk("A", b"")
    left, right = truth.tiles()
    other = join(chunk("H", truth.header()), clear, left, empty, right)
    in_steps = Truth(truth.model, channels=4, rounds=STEPS)
    first = [part for tile in in_steps.tiles()[:2] for part in (empty, tile)]
    late = join(chunk("H", in_steps.header()), *first, empty, *in_steps.tiles()[2:])
    deep = Truth(truth.model, channels=4, depth=10)
    shallow, bright = np.zeros((SIDE, SIDE), "u1"), np.full((SIDE, SIDE), 1024, "u2")
    return files | {
        "alpha-8-bit-of-10": (deep.with_alpha(png(shallow)), "no 16-bit gray"),
        "alpha-1024-of-10-bits": (deep.with_alpha(png(bright)), "alpha of 1024"),
        "alpha-of-another": (other, "tile 1 of 2"),
        "alpha-in-second-round": (late, "among the tiles"),
    }
