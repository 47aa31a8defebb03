from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from tests.models.checkerboard.networks.conftest import (
    TINY,
    lively_model,
    untrained_model,
)
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.known_answer import known_answer
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.stored import from_file, to_file
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks.table_fitting import no_counts


@pytest.fixture(scope="module")
def file():
    data = to_file(lively_model(), counts=no_counts(), training_images=123)
    return parse_model(data)


def changed(file, *, remove=None, metadata=None, **tensors):
    kept = {name: value for name, value in file.tensors.items() if name != remove}
    return dataclasses.replace(
        file,
        tensors={**kept, **tensors},
        metadata={**file.metadata, **(metadata or {})},
    )


def test_a_model_comes_back_with_rounded_weights(file):
    model = lively_model()
    found = from_file(file)
    assert found.configuration == model.configuration
    assert not found.training
    state = model.state_dict()
    assert found.state_dict().keys() == state.keys()
    for name, value in found.state_dict().items():
        coarse = name.startswith("scale.") and name.endswith("weight")
        tolerance = 2**-13 if coarse else 2**-11 * state[name].abs() + 2**-21
        assert torch.all((value - state[name]).abs() <= tolerance), name


def test_storing_what_was_stored_changes_nothing(file):
    again = parse_model(to_file(from_file(file), counts=no_counts(), training_images=1))
    for name, value in file.tensors.items():
        # The offsets come from knots that are rounded in the file.
        if name.startswith(("weights.", "scale.")) and name != "scale.offsets":
            assert np.array_equal(value, again.tensors[name]), name


def test_a_model_from_a_file_can_be_trained_further(file):
    model = from_file(file)
    coded = model(torch.rand(1, 3, 64, 64), torch.tensor([50.0]))
    loss = sum(coded.rates.values()) + coded.decoded.square().mean()
    loss.mean().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_the_file_says_how_long_the_model_was_trained(file):
    assert file.metadata["training_images"] == "123"


def test_the_standard_sizes_make_a_file_of_five_megabytes():
    model = untrained_model(Configuration())
    data = to_file(model, counts=no_counts(), training_images=0)
    assert len(data) < 5_100_000


@pytest.mark.parametrize(
    "name", ["weights.analysis.bypass.weight", "scale.gather.bias"]
)
def test_a_missing_weight_is_named(file, name):
    with pytest.raises(ModelError, match=name):
        from_file(changed(file, remove=name))


def test_an_unexpected_weight_is_named(file):
    surplus = {"weights.analysis.third.bias": np.zeros(3, np.float16)}
    with pytest.raises(ModelError, match=r"analysis\.third\.bias"):
        from_file(changed(file, **surplus))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weights.first_means.bias", np.zeros(17, np.float16)),
        ("weights.first_means.bias", np.zeros(16, np.float32)),
        ("scale.expand1.weight", np.zeros((256, 9), np.int16)),
    ],
)
def test_a_weight_of_another_shape_or_kind_is_refused(file, name, value):
    with pytest.raises(ModelError, match=name):
        from_file(changed(file, **{name: value}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"depth": 3}',
        '{"latent_channels": "many"}',
        json.dumps({**json.loads(TINY.to_json()), "latent_channels": 10**9}),
    ],
)
def test_an_unusable_configuration_is_a_model_error(file, text):
    with pytest.raises(ModelError):
        from_file(changed(file, metadata={"configuration": text}))


def test_a_weight_beyond_half_precision_is_not_written():
    model = untrained_model()
    with torch.no_grad():
        model.context.leave.weight[2, 1] = 70000
    with pytest.raises(ModelError, match=r"context\.leave\.weight"):
        to_file(model, counts=no_counts(), training_images=0)


def test_a_configuration_survives_its_json():
    configuration = dataclasses.replace(
        TINY, analysis_blocks=(1, 4), lambda_range=(0.1, 2.5)
    )
    assert Configuration.from_json(configuration.to_json()) == configuration


def test_the_file_carries_the_known_answer_of_its_scale_networks(file):
    answer = known_answer(ScaleNetworks(file.tensors))
    assert np.array_equal(file.tensors["known_answer"], answer)
