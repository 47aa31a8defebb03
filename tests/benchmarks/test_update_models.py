from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.update_models import main
from tests.weights.small_model import MODEL
from vaecodec.benchmark.results import write_json
from vaecodec.weights import parse_model
from vaecodec.weights.listing import describe

MODEL_ID = parse_model(MODEL).model_id.hex()


def write_result(path: Path, model_id: str, *, percent: float) -> None:
    rates = {"vtm": {"percent": percent}, "hm": {"percent": 1.0}}
    rates |= {"jpeg": {"refused": "too few points"}}
    write_json(path, {"model_id": model_id, "bd_rates": rates})


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
    assert describe("small", model).kodak_bd_rates == {"vtm": 44.25}
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
