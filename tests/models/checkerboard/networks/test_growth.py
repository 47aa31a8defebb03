from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.models.checkerboard.networks.conftest import TINY, lively_model
from vaecodec.models.checkerboard.networks.growth import grown, relaid
from vaecodec.training.terms import Measured

DEEPER = dataclasses.replace(
    TINY, name="deeper", analysis_blocks=(5, 4), synthesis_blocks=(3, 5)
)
QUALITY = torch.tensor([70.0])


def terms_of(model, crop):
    image = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        return Measured(model)(image, QUALITY, hard=True)


def test_a_deeper_model_begins_with_the_rate_and_the_distortion_it_grew_from(crop):
    model = lively_model()
    deeper = grown(model, DEEPER).eval()
    assert len(deeper.synthesis.fine) == 5
    assert terms_of(deeper, crop) == terms_of(model, crop)


def test_the_added_blocks_learn(crop):
    deeper = grown(lively_model(), DEEPER)
    image = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255
    Measured(deeper)(image, QUALITY).mse_255.sum().backward()
    for block in (deeper.analysis.fine[4], deeper.synthesis.coarse[0]):
        assert not block.project.weight.any()
        assert block.project.weight.grad.any()


@pytest.mark.parametrize(
    "configuration",
    [
        dataclasses.replace(TINY, fine_channels=16),
        dataclasses.replace(TINY, analysis_blocks=(2, 2)),
        dataclasses.replace(TINY, synthesis_blocks=(1, 2)),
    ],
    ids=["wider", "shorter analysis", "shorter synthesis"],
)
def test_what_does_not_contain_the_model_is_refused(configuration):
    with pytest.raises(ValueError, match="has no place in a model"):
        grown(lively_model(), configuration)


def test_a_model_laid_on_another_ladder_does_the_same_at_the_same_lambda(crop):
    model = lively_model()
    wider = dataclasses.replace(model.configuration, lambda_range=(1.5e-4, 2.5))
    again = relaid(model, wider).eval()
    image = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255
    low, high = (again.configuration.log_lambda(rung) for rung in (0, 100))
    for rung in (20.0, 80.0):
        place = 100 * (model.configuration.log_lambda(rung) - low) / (high - low)
        rungs = (torch.tensor([rung]), torch.tensor([place]))
        before, after = (
            one(image, rung, hard=True)
            for one, rung in zip((model, again), rungs, strict=True)
        )
        assert after.rates["latent"].item() == pytest.approx(
            before.rates["latent"].item(), rel=0.03
        )


def test_a_model_laid_on_its_own_ladder_is_unchanged():
    model = lively_model()
    again = relaid(model, model.configuration)
    for name, values in model.state_dict().items():
        assert torch.allclose(again.state_dict()[name], values, atol=1e-5)
