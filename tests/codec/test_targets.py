from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import vaecodec
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.search.targets import colour_judge, colour_psnr


@pytest.fixture
def with_alpha(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB and alpha, uint8 [200, 240, 4]."""
    rows, columns = np.indices((200, 240))
    alpha = ((rows + columns) // 2).astype(np.uint8)
    alpha[:40, :40] = 0
    return np.dstack([coffee[100:300, 160:400], alpha])


def test_the_whole_file_counts_with_its_alpha(with_alpha: NDArray[np.uint8]) -> None:
    data = vaecodec.compress(with_alpha, target_size=6000)
    assert 0.98 * 6000 <= len(data) <= 6000
    np.testing.assert_array_equal(vaecodec.decode(data)[..., 3], with_alpha[..., 3])


def test_a_rate_is_a_size_per_pixel(with_alpha: NDArray[np.uint8]) -> None:
    image = with_alpha[..., :3]
    data = vaecodec.compress(image, target_bpp=0.5)
    assert 0.98 * 0.5 <= vaecodec.inspect(data).bits_per_pixel <= 0.5


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_a_psnr_is_that_of_the_colours(
    with_alpha: NDArray[np.uint8], channels: int
) -> None:
    image = with_alpha[..., 4 - channels :]
    data = vaecodec.compress(image, target_psnr=33.0)
    assert 33.0 <= colour_psnr(Picture(image), vaecodec.decode(data)) <= 1.02 * 33.0


@pytest.mark.parametrize(
    "part", [np.s_[..., 0], np.s_[..., 2:], np.s_[..., :3], np.s_[...]]
)
def test_a_score_is_that_of_the_colours(
    with_alpha: NDArray[np.uint8], part: tuple[slice, ...]
) -> None:
    image = with_alpha[part]
    data = vaecodec.compress(image, target_ssimulacra2=62.0)
    assert 62.0 <= colour_judge(image)(vaecodec.decode(data)) <= 63.0


def test_an_image_that_is_too_small_for_the_score_is_refused(
    with_alpha: NDArray[np.uint8],
) -> None:
    with pytest.raises(vaecodec.TargetError, match=r"sides of 8 pixels.*is 240x7"):
        vaecodec.compress(with_alpha[:7], target_ssimulacra2=50)


def test_a_score_that_no_file_reaches_is_a_target_error(
    with_alpha: NDArray[np.uint8],
) -> None:
    with pytest.raises(vaecodec.TargetError, match="cannot reach a SSIMULACRA2 of 99"):
        vaecodec.compress(with_alpha, target_ssimulacra2=99)


def test_the_quality_is_of_no_effect_beside_a_target(
    with_alpha: NDArray[np.uint8],
) -> None:
    files = {vaecodec.compress(with_alpha, q, target_size=6000) for q in (0, 100)}
    assert len(files) == 1


def test_a_size_that_no_image_can_have_is_a_target_error(
    with_alpha: NDArray[np.uint8],
) -> None:
    for target in ({"target_size": 20}, {"target_bpp": 1e-9}, {"target_bpp": 90.0}):
        with pytest.raises(vaecodec.TargetError, match="only of"):
            vaecodec.compress(with_alpha, **target)


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        ({"target_size": 5000, "target_bpp": 0.5}, "2 targets given, allowed 1"),
        ({"target_size": 0}, "target 0, allowed above 0"),
        ({"target_psnr": float("nan")}, "target nan"),
        ({"target_bpp": float("inf")}, "target inf"),
    ],
)
def test_a_target_that_means_nothing_is_a_value_error(
    coffee: NDArray[np.uint8], targets: dict[str, float], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        vaecodec.compress(coffee, **targets)
