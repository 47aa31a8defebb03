from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models.quadrants.small_model import small_model
from tests.models.small_model import MODEL
from vaecodec.api import decode, encode
from vaecodec.cli import main
from vaecodec.errors import ModelError
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


def test_the_receiver_of_a_model_has_its_ids_and_decodes_its_files(
    tmp_path: Path, coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, receiver = tmp_path / "whole.safetensors", tmp_path / "receiver.safetensors"
    whole.write_bytes(small_model())
    data = encode(coffee[:70, :90], 60, model=whole)
    assert main(["models", "--receiver", str(whole), "-o", str(receiver)]) == 0
    assert load_model(receiver).model_id == load_model(whole).model_id
    assert main(["models", "--receiver", str(whole), "-o", str(tmp_path)]) == 0
    named = tmp_path / f"{load_model(whole).model_id}.safetensors"
    assert named.read_bytes() == receiver.read_bytes()
    assert receiver.stat().st_size < whole.stat().st_size / 2
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    expected = decode(data)
    whole.unlink()
    assert np.array_equal(decode(data), expected)
    with pytest.raises(ModelError):
        encode(coffee, model=receiver)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--receiver", "standard", "-o", "new"], 5),
        (["--receiver", "standard"], 2),
        (["-o", "new"], 2),
        (["--receiver", "no-such-model", "-o", "new"], 5),
    ],
)
def test_a_receiver_that_cannot_be_written_leaves_no_file(
    words: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["models", *words]) == code
    assert not list(tmp_path.iterdir())
