"""Code points and mastering data of image files, as they go into ours."""

from __future__ import annotations

import struct

import pytest
from PIL import Image

from tests.codec.image_files import packed, with_chunks
from vaecodec.codec.pictures.picture import read_picture
from vaecodec.format.metadata import NO_METADATA, Metadata

RGB = Image.effect_noise((40, 30), 60).convert("RGB")
NCLX = b"colrnclx"
DISPLAY = struct.pack(">8H2I", *range(1, 9), 10_000_000, 50)
LIGHT = struct.pack(">2I", 10_000_000, 4_000_000)


def metadata_of(data: bytes) -> Metadata:
    picture = read_picture(data)
    assert picture.left_out == ()
    return picture.metadata


def avif_with(points: tuple[int, int, int], *boxes: bytes) -> bytes:
    """An AVIF file with other code points, and boxes where none belong."""
    data = packed(RGB, "AVIF")
    place = data.index(NCLX) + len(NCLX)
    return (
        data[:place] + struct.pack(">3H", *points) + data[place + 6 :] + b"".join(boxes)
    )


def test_colours_like_srgb_need_no_code_points() -> None:
    srgb = with_chunks(packed(RGB), (b"cICP", bytes([1, 13, 0, 1])))
    for data in (packed(RGB), srgb, packed(RGB, "AVIF"), packed(RGB, "JPEG")):
        assert metadata_of(data) == NO_METADATA


@pytest.mark.parametrize("points", [(9, 16, 0, 1), (12, 13, 0, 1), (1, 13, 0, 0)])
def test_code_points_of_png_are_kept(points: tuple[int, ...]) -> None:
    png = with_chunks(packed(RGB), (b"cICP", bytes(points)))
    assert metadata_of(png).code_points == bytes(points)
    assert read_picture(png, metadata=False).metadata == NO_METADATA


def test_code_points_of_avif_are_kept_as_those_of_rgb() -> None:
    assert metadata_of(avif_with((9, 18, 9))).code_points == bytes([9, 18, 0, 1])


@pytest.mark.parametrize("chunks", [{b"mDCV": DISPLAY}, {b"cLLI": LIGHT}, None])
def test_mastering_data_of_png_are_kept(chunks: dict[bytes, bytes] | None) -> None:
    found = chunks or {b"mDCV": DISPLAY, b"cLLI": LIGHT}
    parts = found.get(b"mDCV", bytes(24)), found.get(b"cLLI", bytes(8))
    data = with_chunks(packed(RGB), *found.items())
    assert metadata_of(data).mastering == b"".join(parts)


def test_mastering_data_of_avif_are_kept_in_the_order_and_units_of_png() -> None:
    primaries = struct.unpack(">8H", DISPLAY[:16])
    red, rest = primaries[:2], primaries[2:6]
    display = struct.pack(">8H", *rest, *red, *primaries[6:]) + DISPLAY[16:]
    boxes = (
        b"\0\0\0\x20mdcv" + display,
        b"\0\0\0\x0cclli" + struct.pack(">2H", 1000, 400),
    )
    assert metadata_of(avif_with((9, 16, 9), *boxes)).mastering == DISPLAY + LIGHT


@pytest.mark.parametrize("kind", [b"cICP", b"mDCV", b"cLLI"])
def test_a_chunk_that_is_cut_off_says_nothing(kind: bytes) -> None:
    data = with_chunks(packed(RGB), (kind, b"\x09\x10"))
    assert metadata_of(data) == NO_METADATA
