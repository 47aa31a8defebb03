from __future__ import annotations

import json

import numpy as np
import pytest

from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.ladder import EVEN, ladder
from vaecodec.models.library import load_model


def test_a_model_without_a_ladder_takes_qualities_as_they_are() -> None:
    assert list(ladder({"configuration": "{}"})) == list(EVEN)
    assert list(ladder(load_model("psnr").metadata)) == list(EVEN)


def test_the_model_for_the_eye_has_a_ladder_that_rises() -> None:
    rungs = ladder(load_model("standard").metadata)
    assert (rungs[0], rungs[-1]) == (0, 100)
    assert min(np.diff(rungs)) > 0
    assert list(rungs) != list(EVEN)


@pytest.mark.parametrize(
    "configuration",
    [
        "",
        "[]",
        "{",
        json.dumps({"ladder": 5}),
        json.dumps({"ladder": [*EVEN, 100.0]}),
        json.dumps({"ladder": [*EVEN[:-1], 101.0]}),
        json.dumps({"ladder": [*EVEN[:-1], "high"]}),
        json.dumps({"ladder": [*EVEN[:-1], None]}),
        json.dumps({"ladder": [*EVEN[:-1], float("nan")]}),
        json.dumps({"ladder": [*EVEN[:-1], 10**400]}),
        "[" * 100_000,
    ],
)
def test_a_configuration_without_a_proper_ladder_is_refused(
    configuration: str,
) -> None:
    with pytest.raises(ModelError, match="the model's"):
        ladder({"configuration": configuration})
