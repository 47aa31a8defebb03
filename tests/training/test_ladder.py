"""Qualities of a model tuned for the eye stand for scores."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.models.checkerboard.networks.conftest import (
    TINY,
    photograph_tiles,
    untrained_model,
)
from vaecodec.models.checkerboard.networks.graphs import Synthesis
from vaecodec.models.checkerboard.networks.integerize import integer_tensors
from vaecodec.training.ladder import RUNGS, ladder_of, picture_scores

LADDER = (0.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 100.0)


def test_each_quality_gets_the_rung_of_its_score():
    scores = [110 * rung / 100 - 15 for rung in RUNGS]
    ladder = ladder_of(scores)
    for quality in range(30, 91, 10):
        score = 110 * ladder[quality // 10] / 100 - 15
        assert score == pytest.approx(quality, abs=0.01)
    assert (ladder[0], ladder[-1]) == (0, 100)
    assert min(np.diff(ladder)) > 0


@pytest.mark.parametrize(
    "scores",
    [
        [rung / 2 for rung in RUNGS],
        [50 + rung / 2 for rung in RUNGS],
        [40 + 60 * np.sin(rung / 20) for rung in RUNGS],
    ],
    ids=["too low", "too high", "not rising"],
)
def test_scores_that_cannot_be_a_scale_are_refused(scores):
    with pytest.raises(ValueError, match="scores must rise from 30 to 90"):
        ladder_of(scores)


def test_scores_rise_with_the_rung():
    tiles = photograph_tiles()
    scores = [picture_scores(untrained_model(), tiles, rung) for rung in (30, 60, 90)]
    assert np.all(np.diff(scores, axis=0) > 1)


def test_a_stored_model_climbs_its_ladder():
    even, bent = (
        untrained_model(dataclasses.replace(TINY, ladder=ladder))
        for ladder in (TINY.ladder, LADDER)
    )
    tables, bent_tables = integer_tensors(even), integer_tensors(bent)
    assert np.array_equal(
        bent_tables["scale.offsets"][:, 60], tables["scale.offsets"][:, 50]
    )
    symbols = torch.ones(8, 1, 1), torch.ones(16, 4, 4)
    images = [
        Synthesis(model)(*symbols, torch.tensor([[quality]]))
        for model, quality in ((even, 35.0), (bent, 45.0))
    ]
    assert torch.equal(*images)


def test_between_tens_the_ladder_is_straight():
    model = untrained_model(dataclasses.replace(TINY, ladder=LADDER))
    quality = torch.tensor([0.0, 15.0, 95.0, 100.0])
    assert model.rung(quality).tolist() == pytest.approx([0, 7.5, 90, 100])
