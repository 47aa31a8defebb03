from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tools import fuzz_decoder, fuzz_models
from tools.fuzz_judges import GOLDEN
from tools.fuzz_models import WORKS, ModelJudge, mutated_model, sealed, split
from vaecodec.errors import ModelError
from vaecodec.models.model_file import parse_model

MODEL = (GOLDEN / "model.safetensors").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="measures processes of POSIX systems")
def test_60_mutated_models_do_nothing_that_they_must_not(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.json"
    words = ["--model", "--count", "60", "--json", str(path)]
    assert fuzz_decoder.main(words) == 0
    fields = json.loads(path.read_text("utf-8"))
    assert (fields["files"], fields["failed"]) == (60, {})
    assert len(fields["mutations"]) > 10
    counts = fields["outcomes"]["load"]
    assert min(counts[WORKS], counts["refused: ModelError"]) > 10


def test_a_model_taken_apart_and_put_together_holds_the_same() -> None:
    again, model = parse_model(sealed(*split(MODEL))), parse_model(MODEL)
    assert again.metadata == model.metadata
    for name, tensor in model.tensors.items():
        np.testing.assert_array_equal(again.tensors[name], tensor)


def test_the_same_number_is_the_same_model_and_another_is_another() -> None:
    made = [mutated_model(MODEL, seed=2, number=number) for number in range(30)]
    assert made == [mutated_model(MODEL, seed=2, number=number) for number in range(30)]
    assert len({data for _, data in made}) > 27


def test_a_model_that_is_no_other_works(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = ModelJudge(GOLDEN, seed=1)
    assert set(judge.judge(MODEL).outcomes.values()) == {WORKS}
    monkeypatch.setattr(fuzz_models.vaecodec, "encode", raise_type_error)
    assert judge.judge(MODEL).outcomes["compress"] == "FAILED: TypeError: why"
    assert judge.judge(b"").outcomes["load"] == f"refused: {ModelError.__name__}"


def raise_type_error(*_: object, **__: object) -> bytes:
    raise TypeError("why")
