from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import vaecodec
from tests.codec.deep_pictures import deep_picture
from tests.codec.image_files import packed
from vaecodec.codec.lossless.coding import encode_lossless
from vaecodec.codec.lossless.estimate import looks_drawn, may_be_smaller
from vaecodec.codec.pictures.picture import Picture
from vaecodec.models.depth import of_depth

Samples = NDArray[np.uint8]
PHOTOGRAPHS = ["astronaut", "coffee", "chelsea", "camera"]


def drawing(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Lines of text on flat colours."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 3, height), "navy")
    for line in range(height // 14):
        text = f"line {line}: the quick brown fox {line**3 % 971} jumps over the dog"
        draw.text((line % 7 * width // 9, 14 * line), text, "black")
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(200, 150), (640, 480), (1500, 1200)])
def test_a_drawing_may_be_smaller_than_any_file_that_is_larger_than_lossless_webp(
    size: tuple[int, int], mode: str
) -> None:
    image = drawing(*size, mode)
    samples, whole = np.asarray(image), len(packed(image, "WEBP", lossless=True))
    assert looks_drawn(samples)
    assert may_be_smaller(Picture(samples), whole)
    assert not may_be_smaller(Picture(samples), whole // 6)


@pytest.mark.parametrize("depth", [9, 10, 16])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_drawing_of_more_bits_may_be_smaller_as_well(mode: str, depth: int) -> None:
    samples = of_depth(np.asarray(drawing(640, 480, mode)), 8, depth)
    picture = Picture(samples, depth=depth)
    whole = len(encode_lossless(picture))
    assert may_be_smaller(picture, whole)
    assert not may_be_smaller(picture, whole // 6)
    assert vaecodec.inspect(vaecodec.encode(samples, depth=depth)).lossless


def test_a_gradient_of_more_bits_is_no_drawing() -> None:
    picture = Picture(deep_picture(300, 400, 3, 16), depth=16)
    assert not may_be_smaller(picture, 1 << 30)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 3, 4)])
def test_the_smallest_pictures_are_no_reason_to_fail(shape: tuple[int, ...]) -> None:
    assert not may_be_smaller(Picture(np.zeros(shape, np.uint8)), 1)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_never_smaller(
    name: str, request: pytest.FixtureRequest
) -> None:
    assert not may_be_smaller(Picture(request.getfixturevalue(name)), 1 << 30)
