from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.benchmark.metrics import (
    COMPARED,
    METRICS,
    Judge,
    bits_per_pixel,
    decibels,
)
from vaecodec.benchmark.ms_ssim import MsSsim


def noisy(image: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).integers(-amount, amount + 1, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_every_metric_falls_as_noise_rises(astronaut: NDArray[np.uint8]) -> None:
    judge = Judge(image := astronaut[:200, :210])
    best, good, bad = (judge.scores(noisy(image, amount)) for amount in (0, 5, 25))
    assert best == {
        **{"psnr-rgb": 100, "ssimulacra2": 100},
        **{"ms-ssim-rgb": 1, "ms-ssim-rgb-db": 100},
    }
    assert best.keys() == {*METRICS, *COMPARED}
    for metric, value in best.items():
        assert value > good[metric] > bad[metric]


@pytest.mark.parametrize("shape", [(200, 210), (177, 203), (161, 162)])
@pytest.mark.parametrize("amount", [1, 30])
def test_ms_ssim_is_that_of_the_package(
    shape: tuple[int, int], amount: int, coffee: NDArray[np.uint8]
) -> None:
    torch, package = map(pytest.importorskip, ("torch", "pytorch_msssim"))
    image = coffee[100:, 200:][: shape[0], : shape[1]]
    other = noisy(image, amount)
    tensors = (
        torch.from_numpy(array.copy()).permute(2, 0, 1)[None].float()
        for array in (image, other)
    )
    expected = float(package.ms_ssim(*tensors, data_range=255))
    assert MsSsim(image).score(other) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("shape", "missing"),
    [((160, 300), {"ms-ssim-rgb"}), ((7, 300), {"ms-ssim-rgb", "ssimulacra2"})],
)
def test_an_image_too_small_for_a_metric_has_none(
    shape: tuple[int, int], missing: set[str]
) -> None:
    small = np.zeros((*shape, 3), np.uint8)
    scores = Judge(small).scores(small)
    assert {m for m in METRICS if scores[m] is None} == missing


def test_a_similarity_of_99_percent_is_20_decibels() -> None:
    assert decibels(0.99) == pytest.approx(20)
    assert decibels(1.0) == 100


def test_bits_per_pixel_counts_bits_not_bytes() -> None:
    assert bits_per_pixel(49152, width=768, height=512) == 1
