from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.update_models import main
from tests.benchmark.synthetic import make_result, make_summary
from tests.models.small_model import MODEL
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Comparison, Refusal
from vaecodec.models.library import load_model
from vaecodec.models.listing import describe
from vaecodec.models.model_file import parse_model

MODEL_ID = parse_model(MODEL).model_id


def rate(percent: float) -> Comparison:
    return Comparison(percent, None, low=28, high=40, overlap=1.0, flags=())


def write_result(path: Path, model_id: str, *, percent: float) -> None:
    published = {"vtm": rate(percent), "hm": rate(1.0)}
    result = make_result(path.stem, path.stem, scale=1.0)
    write_json(path, replace(result, model_id=model_id, bd_rates=published))
    measured = {"jxl": rate(-2.5), "webp": Refusal("too few points")}
    rates = {
        "psnr-rgb": {path.stem: measured},
        "ssimulacra2": {path.stem: measured},
        "ms-ssim-rgb-db": {},
    }
    summary = make_summary({path.stem: result})
    write_json(path.with_name("summary.json"), replace(summary, bd_rates=rates))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    path = tmp_path / "small.safetensors"
    path.write_bytes(MODEL)
    return path


def test_what_was_measured_is_written_beside_the_model(
    model: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results" / "vaecodec-psnr.json"
    options = ["--results", str(results.parent)]
    write_result(results, MODEL_ID, percent=44.25)
    assert main(["--check", *options]) == 1
    assert describe("small", model).kodak_bd_rates == {}
    assert main(options) == main(["--check", *options]) == 0
    assert describe("small", model).kodak_bd_rates == {
        "psnr-rgb": {"vtm": 44.25, "jxl": -2.5},
        "ssimulacra2": {"jxl": -2.5},
    }
    write_result(results, MODEL_ID, percent=40.0)
    assert main(["--check", *options]) == 1


def test_results_of_a_model_that_is_not_there_change_nothing(
    model: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results" / "vaecodec.json"
    write_result(results, "0123456789abcdef", percent=1.0)
    assert main(["--results", str(results.parent)]) == 0
    assert not model.with_suffix(".json").exists()


def test_the_shipped_numbers_are_those_of_the_stored_results() -> None:
    assert main(["--check"]) == 0


def test_the_page_of_the_models_has_their_figures(tmp_path: Path) -> None:
    page = tmp_path / "models.md"
    page.write_text("a\n<!-- figures:begin -->\nold\n<!-- figures:end -->\nb\n")
    options = ["--page", str(page)]
    assert main(["--check", *options]) == 1
    assert main(options) == main(["--check", *options]) == 0
    text = page.read_text()
    for name in ("standard", "psnr"):
        assert f"`{name}` is `{load_model(name).model_id}`" in text
    assert text.startswith("a\n")
    assert text.endswith("\nb\n")
