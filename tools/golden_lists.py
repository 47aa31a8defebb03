"""Golden files of other channels than those of pictures, and lies about these.

In: nothing; out: lossless files by name with their samples, and damaged files with a
part of the message about each. See tests/golden/README.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.golden_images import load
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.lossless.near import from_multiples, to_multiples
from vaecodec.codec.lossless.tile_data import encode_tile, kinds_to_try
from vaecodec.format.beginning import SIGNATURE
from vaecodec.format.chunks import pack_chunk, parse_chunk
from vaecodec.format.container import pack_file
from vaecodec.format.header import NO_STREAM, ImageHeader, error_id
from vaecodec.format.roles import LAYOUTS, Role, Roles, pack_list
from vaecodec.models.depth import Samples, dtype_of, greatest


class Case(NamedTuple):
    """What a file holds, and the largest error that it allows."""

    width: int
    height: int
    roles: Roles
    depth: int = 8
    error: int = 0


OTHER = Role.OTHER
CASES = {
    "other-40x30": Case(40, 30, (OTHER,)),
    "2-others-40x30": Case(40, 30, (OTHER,) * 2),
    "5-others-100x70": Case(100, 70, (OTHER,) * 5),
    "rgb-and-3-others-40x30": Case(40, 30, (*LAYOUTS[3], *[OTHER] * 3)),
    "near-4-alpha-first-40x30": Case(
        40, 30, (Role.ALPHA, Role.GRAY, OTHER, OTHER), error=4
    ),
    "12-bits-7-others-40x30": Case(40, 30, (OTHER,) * 7, 12),
    "16-bits-16-channels-17x5": Case(17, 5, (*[OTHER] * 15, Role.ALPHA), 16),
    "near-99-16-bits-4-others-40x30": Case(40, 30, (OTHER,) * 4, 16, 99),
}


def files_of_lists() -> dict[str, tuple[bytes, Samples]]:
    """Valid files, and what they give back."""
    return {name: _file(case) for name, case in CASES.items()}


def lies_about_lists() -> dict[str, tuple[bytes, str]]:
    """Damaged files, each with words of the message about it."""
    file, _ = _file(Case(30, 20, (OTHER,) * 5))
    fields, listed, tile = _chunks(file)
    kind, check, groups = tile[:1], tile[1:5], tile[5:]
    swapped = pack_list((Role.GRAY, *[OTHER] * 4))
    six = pack_list((OTHER,) * 6)
    lies = {
        "another-list": (_joined(fields, swapped, tile), "do not fit their checksum"),
        "too-many": (_joined(fields, six, tile), "lossless tile"),
        "empty": (_joined(fields, b"\0", tile), "0 roles for 0"),
        "role-6": (_joined(fields, b"\5" + bytes([6] * 5), tile), "a role 6"),
        "second-alpha": (
            _joined(fields, b"\5" + bytes([4, 4, 5, 5, 5]), tile),
            "alpha is there twice",
        ),
        "red-only": (
            _joined(fields, b"\5" + bytes([1, 5, 5, 5, 5]), tile),
            "expected gray, all of",
        ),
        "17-channels": (_joined(fields, b"\x11" + b"\5" * 17, tile), "17 channels"),
        "group-missing": (_joined(fields, listed, kind + check), "length is cut off"),
        "goes-on": (_joined(fields, listed, tile + b"\0"), "more or fewer bytes"),
        "groups-as-one": (
            _joined(fields, listed, kind + check + groups[2:]),
            "lossless tile",
        ),
    }
    return {f"list-{name}": lie for name, lie in lies.items()}


def _file(case: Case) -> tuple[bytes, Samples]:
    header = ImageHeader(
        width=case.width,
        height=case.height,
        channels=len(case.roles),
        quality=100,
        tile_log2=6,
        rounds=1,
        stream_id=NO_STREAM,
        painter_id=error_id(case.error),
        depth=case.depth,
        listed=case.roles,
    )
    samples, alpha = _samples(case), header.alpha_channel
    payloads = [
        (
            encode_tile(
                samples[tile.pixels],
                header,
                tile.number,
                kinds_to_try(samples, header, learned=False),
            ),
        )
        for tile in tiles(header)
    ]
    numbers = to_multiples(samples, case.error, alpha)
    kept = from_multiples(numbers, case.error, alpha, depth=case.depth)
    return pack_file(header, payloads), kept


def _samples(case: Case) -> Samples:
    """Parts of a photograph, [H, W] or [H, W, C], with lower bits of their own."""
    photograph = load("astronaut")
    planes = [
        photograph[30 + n : 30 + n + case.height, 150 : 150 + case.width, n % 3]
        for n in range(len(case.roles))
    ]
    shallow = np.dstack(planes).astype(np.uint16)
    added = case.depth - 8
    noise = np.random.default_rng(1).integers(0, 1 << added, shallow.shape)
    samples: Samples = (shallow << added | noise.astype(np.uint16)).astype(
        dtype_of(case.depth)
    )
    samples[0, 0], samples[0, -1] = 0, greatest(case.depth)
    return samples[:, :, 0] if len(case.roles) == 1 else samples


def _chunks(file: bytes) -> tuple[bytes, bytes, bytes]:
    """The data of the header, the list and the one tile of a file."""
    header = parse_chunk(file, len(SIGNATURE))
    listed = parse_chunk(file, header.end)
    return header.data, listed.data, parse_chunk(file, listed.end).data


def _joined(fields: bytes, listed: bytes, tile: bytes) -> bytes:
    chunks = (("H", fields), ("C", listed), ("L", tile))
    return SIGNATURE + b"".join(pack_chunk(letter, data) for letter, data in chunks)
