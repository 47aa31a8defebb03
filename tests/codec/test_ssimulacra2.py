from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vaecodec.codec.search.ssimulacra2 import (
    GAUSSIAN,
    WEIGHTS,
    Ssimulacra2,
    blur,
    ssimulacra2,
)

Pixels = NDArray[np.uint8]


def decoded(image: Pixels, format_: str, quality: int) -> Pixels:
    """What JPEG or WebP leave of an image."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, format_, quality=quality)
    return np.array(Image.open(file).convert("RGB"))


def of_the_package(original: Pixels, other: Pixels) -> float:
    package = pytest.importorskip("ssimulacra2")
    files = (io.BytesIO(), io.BytesIO())
    for file, image in zip(files, (original, other), strict=True):
        Image.fromarray(image).save(file, "PPM")
    return float(package.compute_ssimulacra2(*files))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
def test_the_scores_of_photographs_are_those_of_the_package(
    name: str, request: pytest.FixtureRequest
) -> None:
    image = request.getfixturevalue(name)
    judge = Ssimulacra2(image)
    for setting in (("JPEG", 5), ("JPEG", 40), ("WEBP", 30), ("JPEG", 98)):
        other = decoded(image, *setting)
        assert judge.score(other) == pytest.approx(
            of_the_package(image, other), abs=0.001
        )


@pytest.mark.parametrize("corner", [(87, 121), (121, 87), (8, 33)])
def test_so_are_those_of_images_without_all_six_scales(
    corner: tuple[int, int], coffee: Pixels
) -> None:
    image = np.ascontiguousarray(coffee[-corner[0] :, : corner[1]])
    other = decoded(image, "JPEG", 30)
    assert ssimulacra2(image, other) == pytest.approx(
        of_the_package(image, other), abs=0.001
    )


def test_an_image_equals_itself_whatever_was_scored_before(chelsea: Pixels) -> None:
    judge = Ssimulacra2(chelsea)
    assert judge.score(chelsea) == 100
    bad = judge.score(decoded(chelsea, "JPEG", 10))
    assert bad < judge.score(decoded(chelsea, "JPEG", 60)) < 100
    assert judge.score(decoded(chelsea, "JPEG", 10)) == bad


def test_the_gaussian_finds_zeros_beside_and_mirrored_rows_above() -> None:
    columns = blur(np.ones((40, 30), np.float32))
    assert np.ptp(columns, axis=0).max() < 1e-6
    assert columns[0, 15] == pytest.approx(1)
    assert columns[0, 0] == pytest.approx(GAUSSIAN[5:].sum())


def test_the_weights_stand_by_plane_scale_norm_and_map() -> None:
    assert WEIGHTS.shape == (3, 6, 2, 3)
    # The largest published one: the mean dissimilarity of Y, a quarter as wide.
    assert np.unravel_index(WEIGHTS.argmax(), WEIGHTS.shape) == (1, 2, 0, 0)


def test_what_it_cannot_score_is_refused(chelsea: Pixels) -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        ssimulacra2(chelsea, chelsea[1:])
    with pytest.raises(ValueError, match=r"expected uint8 \[H, W, 3\], got float64"):
        ssimulacra2(chelsea, chelsea / 2)
    with pytest.raises(ValueError, match="uint8"):
        ssimulacra2(chelsea[..., 0], chelsea[..., 0])
    with pytest.raises(ValueError, match="expected at least 8"):
        ssimulacra2(chelsea[:7], chelsea[:7])
