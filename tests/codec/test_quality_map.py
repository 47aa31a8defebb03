"""A quality for each part of an image: a face at 80 in a picture at 40."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec import decode, encode
from vaecodec.codec.regions_of_interest import map_of_regions
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.format.container import parse_file

Samples = NDArray[np.uint8]
FACE = np.s_[0:192, 192:384]


@pytest.fixture(scope="module")
def face_map() -> NDArray[np.uint8]:
    return map_of_regions((512, 512), 40, [((200, 10, 150, 180), 80)])


@pytest.fixture
def with_face(astronaut: Samples, face_map: NDArray[np.uint8]) -> bytes:
    return encode(astronaut, 10, quality_map=face_map, threads=1)


def everywhere(image: Samples, quality: int) -> tuple[bytes, Samples]:
    data = encode(image, quality, threads=1)
    return data, decode(data, threads=1)


def test_a_region_covers_the_cells_it_touches(face_map: NDArray[np.uint8]) -> None:
    expected = np.full((8, 8), 40)
    expected[0:3, 3:6] = 80
    np.testing.assert_array_equal(face_map, expected)


def test_each_part_is_as_good_as_in_an_image_of_its_quality(
    astronaut: Samples, with_face: bytes
) -> None:
    decoded = decode(with_face, threads=1)
    (small, low), (large, high) = (everywhere(astronaut, q) for q in (40, 80))
    assert psnr_db(astronaut[FACE], decoded[FACE]) == pytest.approx(
        psnr_db(astronaut[FACE], high[FACE]), abs=0.3
    )
    below = np.s_[256:]
    assert psnr_db(astronaut[below], decoded[below]) == pytest.approx(
        psnr_db(astronaut[below], low[below]), abs=0.3
    )
    share = (len(with_face) - len(small)) / (len(large) - len(small))
    assert share < 0.25  # the face takes a seventh of the image


def test_no_edge_shows_where_the_quality_changes(
    astronaut: Samples, with_face: bytes
) -> None:
    def jumps(decoded: Samples) -> float:
        """Of the error, from the last column on one side to the first on the other."""
        error = decoded[:192].astype(float) - astronaut[:192]
        return float(np.abs(np.diff(error, axis=1))[:, [191, 383]].mean())

    _, low = everywhere(astronaut, 40)
    assert jumps(decode(with_face, threads=1)) < 1.1 * jumps(low)


def test_regions_previews_and_steps_see_the_map(
    astronaut: Samples, with_face: bytes
) -> None:
    whole = decode(with_face, threads=1)
    region = decode(with_face, region=(150, 50, 200, 200), threads=1)
    np.testing.assert_array_equal(region, whole[50:250, 150:350])
    small = decode(with_face, preview=8, threads=1)
    means = whole.reshape(64, 8, 64, 8, 3).mean(axis=(1, 3))
    assert np.abs(small - means).mean() < 2
    assert decode(with_face, steps=1, threads=1).shape == whole.shape


def test_the_same_map_everywhere_is_the_quality_itself(coffee: Samples) -> None:
    image = coffee[:130, :200]
    data = encode(image, quality_map=np.full((3, 4), 55), threads=1)
    plain = encode(image, 55, threads=1)
    np.testing.assert_array_equal(decode(data), decode(plain))
    assert parse_file(data).quality_map == bytes([55] * 12)


@pytest.mark.parametrize(
    ("cells", "error", "reason"),
    [
        (np.full((8, 7), 50), ValueError, r"shape \[8, 7\], expected \[8, 8\]"),
        (np.full((8, 8), 101), ValueError, r"from 101 to 101, allowed 0\.\.100"),
        (np.full((8, 8), -1), ValueError, "allowed 0"),
        (np.full((8, 8), 50.0), TypeError, "float64, expected integers"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(
    astronaut: Samples, cells: NDArray[np.int64], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        encode(astronaut, quality_map=cells)


def test_a_region_outside_of_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="not inside"):
        map_of_regions((100, 100), 40, [((90, 0, 20, 20), 80)])
