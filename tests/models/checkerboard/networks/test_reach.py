"""How far the networks see: the codec's windows must know, or seams would show."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.models.checkerboard.networks.conftest import TINY, lively_model
from vaecodec.codec.geometry.windows import HALO_CELLS
from vaecodec.models.checkerboard.engine import CELL, PATCH
from vaecodec.models.checkerboard.networks.configuration import BASE, NANO

# As deep as the models that are trained, with few channels.
DEPTHS = [
    dataclasses.replace(
        TINY,
        analysis_blocks=configuration.analysis_blocks,
        synthesis_blocks=configuration.synthesis_blocks,
    )
    for configuration in (NANO, BASE)
]
QUALITY = torch.tensor([80.0])
CORE = 6  # the cell looked at, of a column of 13


def seen_beyond_core(gradient, unit):
    """Pixels above and below the core cell that the gradient reaches."""
    rows = torch.nonzero(gradient.abs().amax((0, 1, 3)))
    first, last = unit * rows.min().item(), unit * (rows.max().item() + 1)
    return CORE * CELL - first, last - (CORE + 1) * CELL


def column(channels, per_cell):
    torch.manual_seed(1)
    shape = (1, channels, (2 * CORE + 1) * per_cell, per_cell)
    return torch.rand(shape, dtype=torch.float64).requires_grad_()


def core(values, per_cell):
    return values[:, :, CORE * per_cell : (CORE + 1) * per_cell]


@pytest.mark.parametrize(
    ("configuration", "reach"), list(zip(DEPTHS, (208, 240), strict=True))
)
def test_the_halo_covers_what_analysis_sees(configuration, reach):
    model = lively_model(configuration).double()
    image = column(3, CELL)
    hyper_latent = model.hyper_analysis(model.latent_steps(image, QUALITY.double()))
    core(hyper_latent, 1).square().sum().backward()
    above, below = seen_beyond_core(image.grad, 1)
    assert above == below == reach
    assert above <= HALO_CELLS * CELL


@pytest.mark.parametrize("configuration", DEPTHS)
def test_the_halo_covers_what_synthesis_sees(configuration):
    model = lively_model(configuration).double()
    hyper = column(TINY.hyper_channels, 1)
    latent = column(TINY.latent_channels, CELL // PATCH)
    image = model.reconstruct(hyper, latent, QUALITY.double())
    core(image, CELL).square().sum().backward()
    for gradient, unit in ((hyper.grad, CELL), (latent.grad, PATCH)):
        assert 0 < max(seen_beyond_core(gradient, unit)) <= HALO_CELLS * CELL
    assert max(seen_beyond_core(hyper.grad, CELL)) == 256
