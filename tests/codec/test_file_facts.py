from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.codec.image_files import deep_png, packed
from vaecodec.codec.pictures.file_facts import sample_bits

RGB = Image.effect_noise((40, 30), 60).convert("RGB")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def bits(data: bytes) -> int:
    with opened(data) as image:
        return sample_bits(image, data)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "AVIF", "JPEG2000", "SGI"])
def test_images_of_8_bits_have_8(kind: str) -> None:
    assert bits(packed(RGB, kind)) == 8


@pytest.mark.parametrize(
    "data",
    [
        # Rows of 164 bytes: a number that Pillow's reader holds beside the mode.
        packed(Image.new("RGB", (54, 3)), "BMP"),
        packed(Image.new("RGB", (16, 160)), "TIFF", compression="tiff_lzw"),
        b"P6 1 1 160\n" + bytes(3),
        packed(Image.new("RGB", (160, 16)), "PCX"),
    ],
)
def test_sixteen_in_a_size_is_not_a_depth(data: bytes) -> None:
    assert bits(data) == 8


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_16_bits_is_noticed(channels: int) -> None:
    assert bits(deep_png(np.zeros((2, 3, channels), np.uint16))) == 16


@pytest.mark.parametrize(
    ("data", "depth"),
    [
        (b"P6 2 2 65535\n" + bytes(24), 16),
        (b"P3 1 1 1023\n1 2 3\n", 10),
        (b"P5 1 1 65535\n" + bytes(2), 16),
        (packed(Image.new("I;16", (3, 2)), "TIFF"), 16),
        (packed(Image.new("I;16", (3, 2)), "JPEG2000"), 16),
    ],
)
def test_more_than_8_bits_are_noticed(data: bytes, depth: int) -> None:
    assert bits(data) == depth


@pytest.mark.parametrize(("stored", "depth"), [(7, 8), (9, 10), (11, 12), (15, 16)])
def test_the_depth_of_colours_in_jpeg_2000_is_read_from_its_size_marker(
    stored: int, depth: int
) -> None:
    data = bytearray(packed(RGB, "JPEG2000"))
    start = data.index(b"\xff\x4f\xff\x51") + 42
    data[start + 3] = stored  # of the second component
    assert bits(bytes(data)) == depth


@pytest.mark.parametrize(("flags", "depth"), [(0x00, 8), (0x40, 10), (0x60, 12)])
def test_the_depth_of_avif_is_read_from_its_configuration(
    flags: int, depth: int
) -> None:
    data = packed(RGB, "AVIF")
    place = data.index(b"av1C") + 6
    changed = data[:place] + bytes([data[place] & 0x1F | flags]) + data[place + 1 :]
    with opened(data) as image:
        assert sample_bits(image, changed) == depth
