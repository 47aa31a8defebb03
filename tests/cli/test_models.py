from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.small_model import MODEL
from vaecodec.cli import main
from vaecodec.models.library import load_model
from vaecodec.models.listing import measurement
from vaecodec.models.model_file import parse_model


def test_the_shipped_model_is_listed_with_what_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VAECODEC_MODELS", raising=False)
    assert main(["models"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    name, *lines = said.out.partition("\n\n")[0].splitlines()
    fields = dict(line.strip().split("  ", 1) for line in lines if line[2] != " ")
    assert name == "standard"
    assert fields["stream id"].strip() == load_model().stream_id.hex()
    assert fields["painter id"].strip() == load_model().painter_id.hex()
    assert fields["decoder"].endswith(" kMAC per pixel")
    assert [*fields] == [
        *("stream id", "painter id", "file size", "parameters", "decoder"),
        *("Kodak BD-rates, %", "crops seen", "tuned for", "objective"),
        *("learned from", "training", "not for"),
    ]


def test_bd_rates_are_a_line_for_each_metric(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    path = tmp_path / "own.safetensors"
    path.write_bytes(MODEL)
    rates = {"psnr-rgb": {"vtm": 5.0, "jxl": -3.21}, "ssimulacra2": {"mine": 0.04}}
    model_id = parse_model(MODEL).model_id
    path.with_suffix(".json").write_text(measurement(model_id, rates))
    assert main(["models"]) == 0
    own = capsys.readouterr().out.split("\n\n")[-1]
    assert "  Kodak BD-rates, %  PSNR: VTM +5.0, JPEG XL -3.2\n" in own
    assert "\n" + " " * 21 + "SSIMULACRA2: mine +0.0\n" in own
    assert "learned from" not in own
    # The architecture of this model is not one that can be asked for its size.
    lines = [line.split() for line in own.splitlines()]
    assert ["parameters", "unknown"] in lines
    assert ["decoder", "unknown"] in lines


def test_json_is_an_object_a_line_and_a_damaged_model_does_not_hide_others(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    (tmp_path / "a.safetensors").write_bytes(MODEL[:-1])
    (tmp_path / "b.safetensors").write_bytes(MODEL)
    assert main(["models", "--json"]) == 5
    said = capsys.readouterr()
    models = [json.loads(line) for line in said.out.splitlines()]
    paths = [model["name"] for model in models]
    assert (paths[0], paths[-1]) == ("standard", str(tmp_path / "b.safetensors"))
    assert models[-1]["kodak_bd_rates"] == {}
    assert said.err.count("\n") == 1
    assert "a.safetensors" in said.err


def test_no_engine_is_loaded_for_it(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_python(
        "-c",
        "import sys\n"
        "from vaecodec.cli import main\n"
        "code = main(['models', '--json'])\n"
        "heavy = {'onnxruntime', 'torch', 'PIL', 'constriction'} & {*sys.modules}\n"
        "sys.exit(' '.join(heavy) or code)\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
