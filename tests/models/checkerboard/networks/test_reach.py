"""How far the networks see: what the names of the tensors say, and what is true."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.models.checkerboard.networks.conftest import TINY, lively_model
from vaecodec.codec.geometry.windows import in_cells
from vaecodec.models.checkerboard.networks.configuration import BASE, NANO
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.checkerboard.reach import Reach
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks.table_fitting import no_counts
from vaecodec.models.sizes import CELL, PATCH

# As deep as the models that are trained, and deeper, with few channels.
DEPTHS = [
    dataclasses.replace(TINY, analysis_blocks=analysis, synthesis_blocks=synthesis)
    for analysis, synthesis in (
        (NANO.analysis_blocks, NANO.synthesis_blocks),
        (BASE.analysis_blocks, BASE.synthesis_blocks),
        ((7, 3), (3, 7)),
        ((1, 4), (2, 1)),
    )
]
QUALITY = torch.tensor([80.0], dtype=torch.float64)
CORE = 7  # the cell looked at, of a column of 15


@pytest.fixture(params=DEPTHS, ids=lambda model: str(model.analysis_blocks))
def model(request):
    return lively_model(request.param)


def reach_of(model):
    data = to_file(model, counts=no_counts(), training_images=0)
    return Reach.of(parse_model(data).tensors)


def seen_beyond_core(gradient, unit):
    """Pixels above and below the core cell that the gradient reaches."""
    rows = torch.nonzero(gradient.abs().amax((0, 1, 3)))
    first, last = unit * rows.min().item(), unit * (rows.max().item() + 1)
    return CORE * CELL - first, last - (CORE + 1) * CELL


def column(channels, per_cell):
    torch.manual_seed(1)
    shape = (1, channels, (2 * CORE + 1) * per_cell, per_cell)
    return torch.rand(shape, dtype=torch.float64).requires_grad_()


def symbols():
    hyper = column(TINY.hyper_channels, 1)
    return hyper, column(TINY.latent_channels, CELL // PATCH)


def core(values, per_cell):
    return values[:, :, CORE * per_cell : (CORE + 1) * per_cell]


def test_analysis_sees_as_far_as_its_reach(model):
    reach = reach_of(model)
    model.double()
    image = column(3, CELL)
    hyper_latent = model.hyper_analysis(model.latent_steps(image, QUALITY))
    core(hyper_latent, 1).square().sum().backward()
    assert seen_beyond_core(image.grad, 1) == (reach.analysis, reach.analysis)


def test_means_see_as_far_as_their_reach(model):
    reach = reach_of(model)
    model.double()
    hyper, latent = symbols()
    means = model.means(model.hyper_synthesis(hyper, QUALITY), latent, QUALITY)
    core(means, CELL // PATCH).square().sum().backward()
    assert max(seen_beyond_core(hyper.grad, CELL)) == in_cells(reach.means, CELL)
    assert 0 < max(seen_beyond_core(latent.grad, PATCH)) <= reach.means


def test_the_painter_sees_as_far_as_its_reach(model):
    reach = reach_of(model)
    model.double()
    hyper, latent = symbols()
    image = model.reconstruct(hyper, latent, QUALITY)
    core(image, CELL).square().sum().backward()
    assert max(seen_beyond_core(hyper.grad, CELL)) == in_cells(reach.painter, CELL)
    assert 0 < max(seen_beyond_core(latent.grad, PATCH)) <= reach.painter


def test_the_shipped_depths_reach_what_they_always_did():
    found = [reach_of(lively_model(depths)) for depths in DEPTHS]
    assert found[0] == Reach(analysis=208, means=128, painter=208)
    assert found[1] == Reach(analysis=240, means=128, painter=240)
    assert found[2] == Reach(analysis=304, means=128, painter=336)
