from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from benchmarks.script import RESULTS
from benchmarks.vae_figures import draw_chart, draw_digits
from benchmarks.vae_page import main
from benchmarks.vae_results import VaeResult, coding, variant
from benchmarks.vae_variants import ADVERSARIAL, MIXTURE, PLAIN, VARIANTS
from examples.vae import VAE
from examples.vae_digits import Digits, digits
from examples.vae_semi_supervised import MixtureVAE
from vaecodec.benchmark.json_files import read_record


def test_the_page_says_what_was_measured() -> None:
    assert main(["--check"]) == 0


def test_stored_numbers_are_those_that_the_page_speaks_of() -> None:
    result = read_record(VaeResult, RESULTS / "vae.json")
    assert [*result.variants] == [*VARIANTS]
    plain = result.variants[PLAIN]
    assert abs(result.grids["32"].bits_back / plain.bits - 1) < 0.02
    assert result.grids["32"].rounded > 1.3 * plain.bits
    assert result.variants[ADVERSARIAL].prior < plain.prior
    assert result.variants[ADVERSARIAL].bits > plain.bits


def test_an_untrained_model_is_measured_and_drawn(tmp_path: Path) -> None:
    torch.manual_seed(1)
    train, _, test = digits()
    some = Digits(test.pictures[:20], test.labels[:20])
    models = {PLAIN: VAE(3, 8), ADVERSARIAL: VAE(3, 8), MIXTURE: MixtureVAE(3, 8)}
    variants = {
        name: variant(model.eval(), train, some) for name, model in models.items()
    }
    stored = read_record(VaeResult, RESULTS / "vae.json")
    assert all(row.bits > 2 * stored.variants[PLAIN].bits for row in variants.values())
    grids = coding(models[PLAIN], some)
    assert grids["32"].bits_back > 2 * stored.grids["32"].bits_back
    result = VaeResult(variants, grids, 0.5, stored.conditions)
    draw_chart(result, tmp_path / "chart.png")
    draw_digits(models, some.pictures, tmp_path / "digits.webp")
    with Image.open(tmp_path / "digits.webp") as sheet:
        assert sheet.width == 20 * 34
