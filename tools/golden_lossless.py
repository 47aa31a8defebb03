"""Golden files without loss, and lies about them.

In: a small model of lattices; out: files by name with their samples, and damaged files
with a part of the message about each. See tests/golden/README.md.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import replace
from unittest import mock

import numpy as np
from PIL import Image

from tests.golden_check import LATTICES
from tools.golden_images import EXIF, ICC, XMP, Case, picture
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.lossless.near import from_multiples, to_multiples
from vaecodec.codec.lossless.tile_data import encode_tile, kinds_to_try
from vaecodec.format.chunks import pack_chunk, parse_chunk
from vaecodec.format.container import pack_file
from vaecodec.format.header import NO_STREAM, ImageHeader, error_id, pack_fields
from vaecodec.format.lossless_kinds import LEARNED
from vaecodec.format.metadata import Metadata
from vaecodec.models.depth import SHALLOW, Samples, dtype_of, greatest
from vaecodec.models.lattices import part_file

SIGNATURE = b"\x8bVAEC\r\n\x02"
CASES = {
    "gray-1x1": Case(1, 1, 1, 100),
    "gray-70x50": Case(50, 70, 1, 100, 12),
    "gray-alpha-64x64": Case(64, 64, 2, 100),
    "rgb-130x70-tiles-64": Case(70, 130, 3, 100, 6),
    "rgb-metadata-40x40": Case(40, 40, 3, 100, metadata=Metadata(ICC, EXIF, XMP)),
    "rgba-200x150-tiles-128": Case(150, 200, 4, 100, 7),
    "rgba-opaque-17x5": Case(5, 17, 4, 100, opaque=True),
}
DEEP_CASES = {
    "deep-9-gray-1x1": (Case(1, 1, 1, 100), 9),
    "deep-10-gray-alpha-40x30": (Case(30, 40, 2, 100), 10),
    "deep-12-rgb-100x70-tiles-64": (Case(70, 100, 3, 100, 6), 12),
    "deep-16-rgba-40x30": (Case(30, 40, 4, 100), 16),
}
NEAR_CASES = {  # with the largest error
    "near-1-rgba-40x30": (Case(30, 40, 4, 100), 8, 1),
    "near-9-gray-40x30": (Case(30, 40, 1, 100), 8, 9),
    "near-127-rgb-40x30": (Case(30, 40, 3, 100), 8, 127),
    "near-300-gray-alpha-16-40x30": (Case(30, 40, 2, 100), 16, 300),
}

LEARNED_CASES = {  # with the largest error
    "learned-gray-1x1": (Case(1, 1, 1, 100), 0),
    "learned-gray-alpha-12x10": (Case(10, 12, 2, 100), 0),
    "learned-rgb-66x5-tiles-64": (Case(5, 66, 3, 100, 6), 0),
    "learned-rgba-opaque-7x9": (Case(9, 7, 4, 100, opaque=True), 0),
    "learned-near-2-rgba-8x6": (Case(6, 8, 4, 100), 2),
}


def lossless_files() -> dict[str, tuple[bytes, Samples]]:
    """Valid files, and what they hold."""
    pictures = {name: (case, picture(case)) for name, case in CASES.items()}
    # A palette, and references to what comes before.
    drawn = np.tile(np.kron(np.eye(10, dtype=np.uint8), np.full((5, 5), 200)), (1, 3))
    stripes = np.dstack([drawn, drawn // 3, np.roll(drawn, 7, axis=1)]).astype(np.uint8)
    pictures["rgb-palette-150x50"] = Case(50, 150, 3, 100, 12), stripes
    files = {name: (_file(*pair), pair[1]) for name, pair in pictures.items()}
    files |= {name: _deep_file(*case) for name, case in DEEP_CASES.items()}
    files |= {name: _near_file(*case) for name, case in NEAR_CASES.items()}
    return files | {name: _learned_file(*case) for name, case in LEARNED_CASES.items()}


def lossless_lies() -> dict[str, tuple[bytes, str]]:
    """Damaged files of two tiles, each with words of the message about it."""
    header = _header(Case(64, 128, 3, 100, 6))
    samples = picture(Case(64, 128, 3, 100))
    left, right = _payloads(header, samples)
    content = left[5:]

    def with_left(data: bytes) -> bytes:
        return _packed(header, data, right)

    fields = pack_fields(header)
    lies = {
        "kind-learned": (with_left(b"\1" + left[1:]), "with the id 52494646"),
        "kind-2": (with_left(b"\2" + left[1:]), "kind 02, with 8 bits it must be 0"),
        "empty": (with_left(b""), "kind none, with 8 bits"),
        "check-only": (with_left(left[:5]), "a WebP file of 0 bytes"),
        "check": (with_left(b"\0\0\0\0\0" + content), "do not fit their checksum"),
        "exchanged": (_packed(header, right, left), "do not fit their checksum"),
        "cut": (with_left(left[:-2]), "more or less than one chunk"),
        "goes-on": (with_left(left + b"\0"), "more or less than one chunk"),
        "png": (with_left(left[:5] + _image(samples, "PNG")), "no simple lossless"),
        "lossy": (with_left(left[:5] + _image(samples, "WEBP")), "no simple lossless"),
        "size": (with_left(left[:26] + b"\x3f\x80" + left[28:]), "not 64 x 64"),
        "alpha": (
            with_left(left[:5] + _image(np.zeros((64, 64, 4), np.uint8))),
            "with alpha, the image has none",
        ),
        "colours-in-gray": (
            _packed(_header(Case(64, 128, 1, 100, 6)), left, right),
            "a gray image with colours",
        ),
        "alpha-chunk": (
            _joined(fields, pack_chunk("A", b"") + _tiles(left, right)),
            "among the tiles",
        ),
        "symbols": (_joined(fields, pack_chunk("T", left)), "where 'L' must stand"),
        "map": (
            _joined(
                fields,
                pack_chunk("Q", zlib.compress(b"dd")) + _tiles(left, right),
            ),
            "in a lossless file",
        ),
        "tile-missing": (_joined(fields, _tiles(left)), "the file ends"),
        "tile-too-many": (
            _joined(fields, _tiles(left, right, right)),
            "after the last tile",
        ),
    }
    lies |= _deep_lies() | _learned_lies()
    both = _tiles(left, right)
    size = fields[:4]  # width, height and samples; then come quality, tiling and ids
    wrong = {
        "quality": (b"\x63\x16" + bytes(12), "quality of a lossless file 99"),
        "rounds": (b"\x64\x36" + bytes(12), "rounds of a lossless file 3"),
        "tile-2-13": (b"\x64\x1d" + bytes(12), "tile_log2 13 is not in"),
        "painter": (b"\x64\x16" + bytes(11) + b"\1", "error 16777216 is not in 0..127"),
        "error-128": (b"\x64\x16" + bytes(8) + b"\x80\0\0\0", "128 is not in 0..127"),
        "error-of-another": (
            b"\x64\x16" + bytes(8) + b"\1\0\0\0",
            "a sample of",
        ),
    }
    for name, (rest, message) in wrong.items():
        lies[name] = _joined(size + rest, both), message
    return {f"lossless-{name}": lie for name, lie in lies.items()}


def _learned_lies() -> dict[str, tuple[bytes, str]]:
    case = Case(10, 9, 4, 100)
    file, _ = _learned_file(case)
    header = _header(case)
    data = parse_chunk(file, parse_chunk(file, len(SIGNATURE)).end).data
    head, model, rest = data[:5], data[5:9], data[9:]
    wrong = {
        "empty": (head, "kind 1 with 0 bytes"),
        "model": (head + b"none" + rest, "no model for lossless tiles"),
        "alpha": (head + model + b"\x80\0" + rest, "not in its shortest form"),
        "alpha-too-long": (
            head + model + b"\xff\x7f" + rest,
            "no simple lossless WebP",
        ),
        "coarsest-cut": (head + model + b"\0" + b"ab", "2 bytes, at least 3"),
        "cut": (data[:-2], "lossless tile"),
        "goes-on": (data + b"\1", "values are damaged"),
        "zero-behind": (data + b"\0", "a zero byte behind them"),
        "flipped": (data[:-9] + bytes([data[-9] ^ 4]) + data[-8:], "lossless tile"),
        "check": (data[:1] + bytes(4) + data[5:], "do not fit their checksum"),
    }
    lies = {name: (_packed(header, lie), text) for name, (lie, text) in wrong.items()}
    large = replace(header, width=1025, height=1024, tile_log2=12)
    lies["too-large"] = _packed(large, data), "1049600 pixels, at most 1048576"
    return {f"learned-{name}": lie for name, lie in lies.items()}


def _deep_lies() -> dict[str, tuple[bytes, str]]:
    case = Case(20, 30, 3, 100)
    file, _ = _deep_file(case, 12)
    header = replace(_header(case), depth=12)
    chunk = parse_chunk(file, parse_chunk(file, len(SIGNATURE)).end)
    data = chunk.data
    wrong = {
        "kind": (b"\0" + data[1:], "with 12 bits it must be 2"),
        "empty": (data[:5], "a channel with the prediction -1"),
        "prediction": (data[:5] + b"\3" + data[6:], "the prediction 3"),
        "green-from-green": (data[:5] + b"\4" + data[6:], "the prediction 4"),
        "cut": (data[:-2], "more or less than one chunk"),
        "goes-on": (data + b"\0", "bytes after the last channel"),
        "check": (data[:1] + bytes(4) + data[5:], "do not fit their checksum"),
    }
    lies = {name: (_packed(header, lie), text) for name, (lie, text) in wrong.items()}
    too_many = replace(header, depth=9), "a sample of 4095 in 9 bits"
    lies["bits"] = _packed(too_many[0], data), too_many[1]
    return {f"deep-{name}": lie for name, lie in lies.items()}


def _deep_file(case: Case, depth: int) -> tuple[bytes, Samples]:
    """A picture whose lower bits are noise, with the first pixels at the limits."""
    shallow = picture(case).astype(np.uint16)
    added = depth - SHALLOW
    noise = np.random.default_rng(depth).integers(0, 1 << added, shallow.shape)
    samples: Samples = (shallow << added | noise.astype(np.uint16)).astype(
        dtype_of(depth)
    )
    samples[0, 0], samples[0, -1] = 0, greatest(depth)
    return _file(case, samples, depth), samples


def _learned_file(case: Case, error: int = 0) -> tuple[bytes, Samples]:
    """A file that needs the small model of lattices."""
    with mock.patch.object(part_file, "SHIPPED", LATTICES):
        return _near_file(case, SHALLOW, error, learned=True)


def _near_file(
    case: Case, depth: int, error: int, *, learned: bool = False
) -> tuple[bytes, Samples]:
    """A file, and what it gives back."""
    _, samples = _deep_file(case, depth)
    header = replace(_header(case), depth=depth, painter_id=error_id(error))
    payloads = _payloads(header, samples, learned=learned)
    data = pack_file(header, [(part,) for part in payloads])
    alpha = header.alpha_channel
    numbers = to_multiples(samples, error, alpha)
    return data, from_multiples(numbers, error, alpha, depth=depth)


def _file(case: Case, samples: Samples, depth: int = SHALLOW) -> bytes:
    header = replace(_header(case), depth=depth)
    payloads = [(data,) for data in _payloads(header, samples)]
    return pack_file(header, payloads, metadata=case.metadata)


def _header(case: Case) -> ImageHeader:
    return ImageHeader(
        width=case.width,
        height=case.height,
        channels=case.channels,
        quality=100,
        tile_log2=case.tile_log2,
        rounds=1,
        stream_id=NO_STREAM,
        painter_id=error_id(0),
    )


def _payloads(
    header: ImageHeader, samples: Samples, *, learned: bool = False
) -> list[bytes]:
    plain = kinds_to_try(samples, header, learned=False)
    kinds = [LEARNED] if learned else plain
    return [
        encode_tile(samples[tile.pixels], header, tile.number, kinds)
        for tile in tiles(header)
    ]


def _packed(header: ImageHeader, *payloads: bytes) -> bytes:
    return _joined(pack_fields(header), _tiles(*payloads))


def _joined(fields: bytes, rest: bytes) -> bytes:
    return SIGNATURE + pack_chunk("H", fields) + rest


def _tiles(*payloads: bytes) -> bytes:
    return b"".join(pack_chunk("L", data) for data in payloads)


def _image(samples: Samples, kind: str = "WEBP") -> bytes:
    """The left tile as another image file."""
    stream = io.BytesIO()
    image = Image.fromarray(samples[:, :64])
    image.save(stream, kind, **({"lossless": True} if image.mode == "RGBA" else {}))
    return stream.getvalue()
