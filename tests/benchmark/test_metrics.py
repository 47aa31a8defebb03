from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.benchmark.metrics import (
    available_metrics,
    bits_per_pixel,
    decibels,
    measure,
    ms_ssim,
    mse_255,
    psnr_db,
    ssimulacra2,
)


def noisy(image: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).integers(-amount, amount + 1, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_an_error_of_one_level_everywhere_is_48_decibels() -> None:
    original = np.full((4, 5, 3), 100, np.uint8)
    assert psnr_db(original, original + np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)
    assert psnr_db(original, original - np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)


def test_black_against_white_is_zero_decibels() -> None:
    black = np.zeros((2, 2, 3), np.uint8)
    assert psnr_db(black, ~black) == 0


def test_one_wrong_channel_counts_a_third() -> None:
    original = np.zeros((8, 8, 3), np.uint8)
    decoded = original.copy()
    decoded[:, :, 1] = 6
    assert mse_255(original, decoded) == 12


def test_equal_images_have_a_finite_value() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    assert psnr_db(image, image.copy()) == 100


def test_another_shape_or_type_is_refused() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="shapes differ"):
        psnr_db(image, image[:, :, :1])
    with pytest.raises(ValueError, match="uint8 wanted"):
        psnr_db(image, image.astype(np.float32))


def test_the_perceptual_metrics_fall_as_noise_rises(
    astronaut: NDArray[np.uint8],
) -> None:
    image = np.ascontiguousarray(astronaut[:200, :210])
    for metric, best in ((ms_ssim, 1.0), (ssimulacra2, 100.0)):
        scores = [metric(image, noisy(image, amount)) for amount in (0, 5, 25)]
        assert scores[0] == pytest.approx(best, abs=1e-4)
        assert scores[0] > scores[1] > scores[2]


def test_an_image_too_small_for_five_scales_has_no_ms_ssim() -> None:
    small = np.zeros((160, 300, 3), np.uint8)
    values = measure({"psnr-rgb": "", "ms-ssim-rgb": ""}, small, small)
    assert values == {"psnr-rgb": 100, "ms-ssim-rgb": None, "ms-ssim-rgb-db": None}


def test_each_metric_names_its_library_and_version() -> None:
    found = available_metrics()
    assert found.keys() == {"psnr-rgb", "ms-ssim-rgb", "ssimulacra2"}
    assert all(len(text.split()) == 2 for text in found.values())
    assert "ssimulacra2" not in available_metrics(quick=True)


def test_a_similarity_of_99_percent_is_20_decibels() -> None:
    assert decibels(0.99) == pytest.approx(20)
    assert decibels(1.0) == 100


def test_bits_per_pixel_counts_bits_not_bytes() -> None:
    assert bits_per_pixel(49152, width=768, height=512) == 1
