from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.models.checkerboard.conftest import architecture_of, everywhere
from tests.models.checkerboard.conftest import scale_indexes as exact_indexes
from tests.models.checkerboard.networks.conftest import (
    TINY,
    as_batch,
    draw_symbols,
    lively_model,
)
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.networks.hierarchical_vae import first_group
from vaecodec.models.checkerboard.networks.integerize import (
    integer_tensors,
    scale_indexes,
)
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks.table_fitting import no_counts

SHAPE = (32, 40)


def exported(model):
    data = to_file(model, counts=no_counts(), training_images=0)
    return architecture_of(parse_model(data).tensors)


def float_indexes(model, hyper, first, quality):
    """What the float networks would choose: both passes, uint8 [M, h, w]."""
    level = torch.tensor([float(quality)])
    with torch.inference_mode():
        features = model.scale.features(as_batch(hyper))
        first_scales = model.scale.first_pass(features, level)
        second_scales = model.scale.second_pass(features, as_batch(first), level)
        both = scale_indexes(first_scales), scale_indexes(second_scales)
    return [indexes[0].numpy() for indexes in both]


@pytest.mark.parametrize("quality", [0, 37, 100])
def test_integers_choose_the_tables_that_the_float_networks_choose(quality):
    model = lively_model()
    hyper, latent = draw_symbols(quality, rows=SHAPE[0], columns=SHAPE[1])
    mask = first_group(torch.from_numpy(latent)).numpy() == 1
    found = exact_indexes(exported(model), hyper, latent, everywhere(quality))
    first, second = float_indexes(model, hyper, latent * mask, quality)
    for expected, group in ((first, mask), (second, ~mask)):
        difference = np.abs(found[group].astype(int) - expected[group])
        assert np.mean(difference == 0) > 0.98
        assert difference.max() <= 1
        assert len(np.unique(expected[group])) > 20


def test_the_largest_weights_that_fit_can_still_be_summed_exactly():
    model = lively_model()
    with torch.no_grad():
        for name, weight in model.scale.named_parameters():
            if name.endswith("weight"):
                weight.fill_(7.999)
    tensors = integer_tensors(model)
    assert tensors["scale.gather.weight"].max() == round(7.999 * 4096)
    hyper, latent = draw_symbols(1)
    architecture, hyper = exported(model), np.abs(hyper) + np.int16(1)
    indexes = exact_indexes(architecture, hyper, latent, everywhere(50))
    in_first = first_group(torch.from_numpy(latent)).numpy() == 1
    assert indexes[in_first].max() == 63


@pytest.mark.parametrize("value", [8.0, -8.01, float("nan"), float("inf")])
def test_a_weight_that_does_not_fit_its_integer_is_refused(value):
    model = lively_model()
    with torch.no_grad():
        model.scale.hidden_first.weight[3, 2] = value
    with pytest.raises(ModelError, match="12 fractional bits"):
        integer_tensors(model)


def test_the_row_of_a_hyper_latent_channel_follows_its_scale():
    model = lively_model()
    with torch.no_grad():
        model.hyper_log_scale.knots[:] = torch.linspace(-9, 9, TINY.hyper_channels)
    indexes = integer_tensors(model)["hyper.indexes"]
    assert indexes.shape == (101, TINY.hyper_channels)
    assert indexes[0, 0] == 0
    assert indexes[0, -1] == 63
    assert np.all(np.diff(indexes[50].astype(int)) >= 0)
