from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tools import fuzz_decoder, fuzz_models
from tools.fuzz_coded import CODED_MUTATIONS, part_bytes, with_part
from tools.fuzz_judges import GOLDEN
from tools.fuzz_models import WORKS, ModelJudge, mutated_model
from tools.fuzz_tables import Mutation, sealed, split
from vaecodec.errors import ModelError
from vaecodec.models.model_file import parse_model

MODEL = (GOLDEN / "model.safetensors").read_bytes()
EXACT = (GOLDEN / "quadrants.safetensors").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="measures processes of POSIX systems")
def test_60_mutated_models_do_nothing_that_they_must_not(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.json"
    words = ["--model", "--count", "60", "--json", str(path)]
    assert fuzz_decoder.main(words) == 0
    fields = json.loads(path.read_text("utf-8"))
    assert (fields["files"], fields["failed"]) == (60, {})
    assert len(fields["mutations"]) > 12
    counts = fields["outcomes"]["load"]
    assert min(counts[WORKS], counts["refused: ModelError"]) > 10


@pytest.mark.parametrize("data", [MODEL, EXACT])
def test_a_model_taken_apart_and_put_together_holds_the_same(data: bytes) -> None:
    same = with_part(*split(EXACT), Random(1), lambda *parts: parts)
    again = parse_model(same if data is EXACT else sealed(*split(data)))
    model = parse_model(data)
    assert again.metadata == model.metadata
    for name, tensor in model.tensors.items():
        np.testing.assert_array_equal(again.tensors[name], tensor)


@pytest.mark.parametrize("data", [MODEL, EXACT])
def test_the_same_number_is_the_same_model_and_another_is_another(data: bytes) -> None:
    made = [mutated_model(data, seed=2, number=number) for number in range(30)]
    assert made == [mutated_model(data, seed=2, number=number) for number in range(30)]
    assert len({data for _, data in made}) > 27


@pytest.mark.parametrize("mutation", sorted(set(CODED_MUTATIONS), key=str))
def test_lies_of_coded_parts_get_past_their_checksums(mutation: Mutation) -> None:
    reasons = set()
    for number in range(20):
        try:
            file = parse_model(mutation(*split(EXACT), Random(number)))
            assert file.model_id
        except ModelError as error:
            reasons.add(str(error))
    if mutation is not part_bytes:
        assert any("checksum" not in reason for reason in reasons)


def test_a_model_that_is_no_other_works(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = ModelJudge(GOLDEN, seed=1)
    assert set(judge.judge(MODEL).outcomes.values()) == {WORKS}
    monkeypatch.setattr(fuzz_models.vaecodec, "encode", raise_type_error)
    assert judge.judge(MODEL).outcomes["compress"] == "FAILED: TypeError: why"
    assert judge.judge(b"").outcomes["load"] == f"refused: {ModelError.__name__}"


def raise_type_error(*_: object, **__: object) -> bytes:
    raise TypeError("why")
