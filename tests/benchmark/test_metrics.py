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
    ssimulacra2,
)


def noisy(image: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).integers(-amount, amount + 1, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


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
