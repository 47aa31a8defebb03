from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.regression_pictures import facts, main, smooth_errors
from benchmarks.regression_set import (
    NOISE_SIGMA,
    RegressionPicture,
    gradient,
    regression_pictures,
    smooth,
)
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.equal_bytes import version
from vaecodec.benchmark.json_files import read_json, write_json
from vaecodec.benchmark.metrics import Judge
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.codec.search.ssimulacra2 import ssimulacra2

PICTURES = regression_pictures()


def test_the_errors_of_a_surface_are_the_largest_sample_and_the_largest_mean() -> None:
    original = np.full((20, 10, 3), 100, np.uint8)
    decoded = original.copy()
    decoded[7, 3, 1] = 88
    decoded[:, 5, 2] += 2
    errors = smooth_errors(original, decoded, noise=3)
    assert errors == {"largest_error": 12 - 3, "largest_mean_error": 2}
    decoded[4, :, 0] -= 5
    assert smooth_errors(original, decoded, noise=0)["largest_mean_error"] == 5


def test_noise_is_how_far_samples_are_from_the_surface() -> None:
    surface = gradient((10, 20, 30), (200, 210, 220))
    assert smooth("", surface).noise == 0
    noisy = smooth("", surface, sigma=NOISE_SIGMA)
    away = np.abs(noisy.samples - surface)
    assert noisy.noise == pytest.approx(away.max(), abs=0.5)
    assert 3 * NOISE_SIGMA < noisy.noise < 6 * NOISE_SIGMA


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_large_enough_for_all_metrics_and_always_the_same(
    name: str,
) -> None:
    samples = PICTURES[name].samples
    assert min(samples.shape[:2]) > 160
    np.testing.assert_array_equal(samples, regression_pictures()[name].samples)


@pytest.mark.parametrize("noise", [None, 0.0])
def test_facts_are_size_and_scores_and_the_errors_of_smooth_pictures(
    noise: float | None,
) -> None:
    samples = PICTURES["skin"].samples
    codec = make_codec("webp")
    data = codec.compress(samples, 30)
    decoded = codec.decompress(data)
    found = facts(
        RegressionPicture("", samples, noise), version(data, codec, Judge(samples))
    )
    assert found.size == len(data)
    assert found.scores["psnr-rgb"] == pytest.approx(
        psnr_db(samples, decoded), abs=1e-3
    )
    score = ssimulacra2(samples, decoded)
    assert found.scores["ssimulacra2"] == pytest.approx(score, abs=1e-3)
    assert ("largest_error" in found.scores) == (noise is not None)


def test_the_page_says_what_the_results_say(tmp_path: Path) -> None:
    assert main(["--check"]) == 0
    for name in ("standard", "psnr"):
        result = read_json(Path("benchmarks/results/regression", f"{name}.json"))
        result["pictures"]["sky"][0]["vaecodec"]["bytes"] += 1
        write_json(tmp_path / f"{name}.json", result)
    assert main(["--check", "--results", str(tmp_path)]) == 1
