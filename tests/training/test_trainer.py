from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.models.checkerboard.networks.conftest import (
    TINY,
    photograph_tiles,
    untrained_model,
)
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.training import trainer
from vaecodec.training.terms import Measured
from vaecodec.training.trainer import (
    DECAY_FROM,
    HARD_FROM,
    WARM_UP_STEPS,
    Trainer,
    learning_rate_factor,
)

SENDER = ("analysis.", "hyper_analysis.", "log_gain.")


def make_trainer(seed=1):
    return Trainer(untrained_model(), photograph_tiles(), seed=seed)


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def moved(before, after, prefixes):
    return {
        not torch.equal(before[name], after[name])
        for name in before
        if name.startswith(prefixes) and not name.endswith("spread")
    }


def mean_log_objective(model):
    torch.manual_seed(9)
    image = photograph_tiles()[:1, :, :256, :256].float() / 255
    quality = torch.tensor([10.0, 40.0, 70.0, 100.0])
    with torch.no_grad():
        terms = Measured(model)(image.expand(4, -1, -1, -1), quality)
        return terms.objective(model.lmbda(quality)).log().mean().item()


@pytest.mark.parametrize("progress", [0.2, HARD_FROM + 0.01])
def test_a_resumed_run_takes_the_identical_next_step(tmp_path, progress):
    path = tmp_path / "checkpoint.pt"
    run = make_trainer()
    for _ in range(3):
        run.advance(progress)
    run.seconds = 1.5
    run.save(path)
    run.advance(progress)

    torch.manual_seed(77)
    resumed = Trainer(HierarchicalVae(TINY), photograph_tiles(), seed=78)
    resumed.restore(torch.load(path, weights_only=True))
    assert (resumed.step, resumed.seconds) == (3, 1.5)
    resumed.advance(progress)
    assert same(weights(run.model), weights(resumed.model))
    assert same(weights(run.average), weights(resumed.average))
    assert torch.equal(run.typical, resumed.typical)
    assert run.images == resumed.images
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_training_makes_the_objective_fall(monkeypatch):
    monkeypatch.setattr(trainer, "WARM_UP_STEPS", 5)
    run = make_trainer()
    before = mean_log_objective(run.model)
    for _ in range(40):
        run.advance(0.0)
    assert mean_log_objective(run.model) < before - 0.03
    assert mean_log_objective(run.average) < before - 0.02
    assert all(value.isfinite().all() for value in weights(run.model).values())


def test_a_gradient_that_is_not_a_number_changes_nothing():
    run = make_trainer()
    run.advance(0.0)
    before, average = weights(run.model), weights(run.average)
    weight = run.model.context.leave.weight
    handle = weight.register_hook(lambda gradient: gradient * float("nan"))
    run.advance(0.0)
    assert same(before, weights(run.model))
    assert same(average, weights(run.average))
    handle.remove()
    run.advance(0.0)
    assert not same(before, weights(run.model))
    assert run.step == 3


def test_a_run_recovers_from_a_loss_that_is_not_a_number(monkeypatch):
    run = make_trainer()
    run.advance(0.0)
    before = weights(run.model)
    broken = torch.full((16, 3, 128, 128), float("nan"))
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "draw_batch", lambda *_, **__: broken)
        run.advance(0.0)
    assert same(before, weights(run.model))
    run.advance(0.0)
    assert not same(before, weights(run.model))


def test_the_sender_stands_still_in_the_last_phase():
    run = make_trainer()
    run.advance(HARD_FROM - 0.01)
    before = weights(run.model)
    run.advance(HARD_FROM)
    after = weights(run.model)
    assert moved(before, after, SENDER) == {False}
    receiver = ("synthesis.", "hyper_synthesis.", "context.", "scale.output_first.")
    assert True in moved(before, after, receiver)
    assert {True} == moved(before, after, ("first_means.", "synthesis.up."))


def test_images_of_all_qualities_weigh_alike():
    run = make_trainer()
    for _ in range(3):
        run.advance(0.0)
    assert torch.all(run.typical != 1)
    assert run.typical[0] < run.typical[-1] / 5


def test_the_learning_rate_warms_up_stays_and_falls_to_zero():
    assert 0 < learning_rate_factor(0, 0.0, DECAY_FROM) <= 1 / WARM_UP_STEPS
    assert learning_rate_factor(WARM_UP_STEPS // 2, 0.1, DECAY_FROM) == pytest.approx(
        0.5, abs=0.01
    )
    assert learning_rate_factor(10**6, 0.3, DECAY_FROM) == 1
    assert learning_rate_factor(10**6, DECAY_FROM, DECAY_FROM) == 1
    late = [
        learning_rate_factor(10**6, x, DECAY_FROM)
        for x in np.linspace(DECAY_FROM, 1, 20)
    ]
    assert np.all(np.diff(late) < 0)
    assert late[-1] == 0
    assert learning_rate_factor(10**6, 1.2, DECAY_FROM) == 0
