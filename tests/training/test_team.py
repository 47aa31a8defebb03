"""Training in several processes, which give the result of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.models.checkerboard.networks.conftest import (
    photograph_tiles,
    untrained_model,
)
from vaecodec.training.checkpoint import CHECKPOINT, LOG
from vaecodec.training.photographs import draw_batch
from vaecodec.training.program import main
from vaecodec.training.team import Team
from vaecodec.training.terms import Measured

ROOT = Path(__file__).parent.parent.parent
IMAGES = "24"  # two steps, one with each size of crops


def gradient(processes, *, hard):
    """The mean over the parts of a batch, one after the other in this process."""
    model = untrained_model()
    generator = torch.Generator().manual_seed(3)
    images = draw_batch(photograph_tiles(), count=4, side=128, generator=generator)
    quality = torch.tensor([10.0, 40.0, 70.0, 95.0])
    for rank in range(processes):
        team = Team(rank, processes)
        torch.manual_seed(5)
        with team.noise("cpu"):
            terms = Measured(model)(team.part(images), team.part(quality), hard=hard)
        objective = terms.objective(model.lmbda(team.part(quality)))
        (objective.mean() / processes).backward()
    grads = [each.grad for each in model.parameters() if each.grad is not None]
    return torch.cat([grad.flatten() for grad in grads])


@pytest.mark.parametrize("hard", [False, True])
def test_the_parts_of_a_batch_have_its_gradient(hard):
    whole = gradient(1, hard=hard)
    assert (gradient(2, hard=hard) - whole).norm() < 1e-5 * whole.norm()


@pytest.mark.skipif(os.name == "nt", reason="gloo needs another way to meet there")
def test_two_processes_give_the_model_of_one(tmp_path, monkeypatch, pictures):
    monkeypatch.chdir(tmp_path)
    words = ["train", "--data", "pictures", "--images", IMAGES]
    assert main([*words, "--run", "one"]) == 0
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    program = [*launch, "-m", "--", "vaecodec.training", *words, "--run", "two"]
    done = subprocess.run(
        [sys.executable, *program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("2 processes") == 1
    assert len((tmp_path / "two" / LOG).read_text().splitlines()) == 1
    one, two = (torch.load(Path(run, CHECKPOINT)) for run in ("one", "two"))
    assert one["counters"][:3] == two["counters"][:3]
    assert torch.equal(one["generators"][1], two["generators"][1])
    assert torch.allclose(one["typical"], two["typical"], rtol=1e-4)
    # Rounding moves a symbol now and then, which a gradient notices.
    first, second = (moments(state) for state in (one, two))
    assert (first - second).norm() < 0.02 * first.norm()


def moments(state):
    states = state["optimizer"]["state"].values()
    return torch.cat([each["exp_avg"].flatten() for each in states])


def test_a_batch_that_cannot_be_shared_is_refused():
    Team(0, 4).check(16)
    with pytest.raises(ValueError, match="3 processes cannot share 16 crops evenly"):
        Team(0, 3).check(16)
