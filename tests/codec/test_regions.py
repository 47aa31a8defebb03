"""Parts of an image are exactly its pixels, wherever tiles and windows lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from vaecodec.api import compress, decode
from vaecodec.codec import image_coding
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.areas import Region

Samples = NDArray[np.uint8]
WIDTH, HEIGHT = 1100, 330  # of what is cut into small tiles and windows


def cut(image: Samples, region: Region) -> Samples:
    x, y, width, height = region
    return image[y : y + height, x : x + width]


@pytest.fixture(scope="module")
def small_pieces() -> Iterator[None]:
    """Tiles of 64 pixels and windows of 128, whose cores see ten cells."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "CORE_PIXELS", 128)
        patch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
        yield


@pytest.fixture(scope="module", params=["gray", "RGB", "RGBA"])
def compressed(
    request: pytest.FixtureRequest,
    small_pieces: None,
    untrained_path: Path,
    photograph: Callable[[str], Image.Image],
) -> tuple[bytes, Samples]:
    """A file and all of its pixels."""
    coffee = np.asarray(photograph("coffee"))[:HEIGHT]
    image = np.concatenate([coffee, coffee[:, ::-1]], axis=1)[:, :WIDTH]
    if request.param == "gray":
        image = image[..., 0]
    elif request.param == "RGBA":
        image = np.dstack([image, np.roll(image[..., 0], 99)])
    data = compress(image, model=untrained_path, threads=1)
    return data, decode(data, painter=untrained_path, threads=1)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    x=st.integers(0, WIDTH - 1),
    y=st.integers(0, HEIGHT - 1),
    width=st.integers(1, 400),
    height=st.integers(1, HEIGHT),
)
def test_a_region_is_that_part_of_the_whole_image(
    compressed: tuple[bytes, Samples],
    untrained_path: Path,
    *,
    x: int,
    y: int,
    width: int,
    height: int,
) -> None:
    data, whole = compressed
    region = x, y, min(width, WIDTH - x), min(height, HEIGHT - y)
    part = decode(data, region=region, painter=untrained_path, threads=1)
    np.testing.assert_array_equal(part, cut(whole, region))


def test_out_is_filled_with_the_region_and_returned(
    compressed: tuple[bytes, Samples], untrained_path: Path
) -> None:
    data, whole = compressed
    region = 100, 200, 300, 70
    expected = cut(whole, region)
    frame = np.zeros((90, 700, *whole.shape[2:]), np.uint8)
    out = frame[10:80, 200:500]
    same = decode(data, region=region, out=out, painter=untrained_path, threads=1)
    assert same is out
    np.testing.assert_array_equal(out, expected)
    frame[10:80, 200:500] = 0
    assert not frame.any()


def test_what_out_cannot_be_is_refused(
    compressed: tuple[bytes, Samples], untrained_path: Path
) -> None:
    data, whole = compressed
    fixed = np.zeros_like(whole)
    fixed.flags.writeable = False
    for out in (fixed, whole[:-1].copy(), whole.astype(np.int16)):
        with pytest.raises(
            ValueError, match=r"out is .*, expected a writable uint8 array \[330, 1100"
        ):
            decode(data, out=out, painter=untrained_path)
