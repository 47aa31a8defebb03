from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.models.checkerboard.networks.conftest import TINY as OLD_TINY
from tests.models.checkerboard.networks.conftest import lively_model as old_model
from tests.models.checkerboard.networks.conftest import photograph_planes
from tests.models.quadrants.networks.trained_model import TINY, crops, lively_model
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.errors import ModelError
from vaecodec.format.container import parse_file
from vaecodec.models.model_file import ModelFile, parse_model
from vaecodec.models.networks.latent_model import first_group
from vaecodec.models.networks.table_fitting import no_counts
from vaecodec.models.networks.trainable import Kind
from vaecodec.models.quadrants.networks.conversion import FOURS, converted
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.prior import Known
from vaecodec.models.quadrants.networks.quarters import gathered
from vaecodec.models.quadrants.networks.stored import from_file, to_file
from vaecodec.models.quadrants.networks.training import TrainableQuadrants

SAME_SIZES = dataclasses.replace(
    TINY, analysis_blocks=OLD_TINY.analysis_blocks, painter_blocks=3
)


@pytest.fixture(scope="module")
def file() -> ModelFile:
    data = to_file(lively_model(), counts=no_counts(), training_images=123)
    return parse_model(data)


def test_every_weight_learns():
    model = lively_model().train()
    coded = model(crops(2), torch.tensor([20.0, 80.0]))
    loss = sum(coded.rates.values()).mean() + 50 * coded.decoded.square().mean()
    loss.backward()
    silent = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().sum() > 0
    ]
    assert silent == []


def test_a_model_comes_back_from_its_file(file):
    model, found = lively_model(), from_file(file)
    assert found.configuration == model.configuration
    image, quality = crops(2), torch.tensor([30.0, 70.0])
    with torch.no_grad():
        expected, coded = (one(image, quality, hard=True) for one in (model, found))
    assert (coded.decoded - expected.decoded).abs().max() < 0.1
    assert (coded.decoded - expected.decoded).square().mean().sqrt() < 1 / 255
    for name, rate in expected.rates.items():
        assert torch.allclose(coded.rates[name], rate, rtol=0.02)


def test_storing_what_was_stored_keeps_the_integers(file):
    again = parse_model(to_file(from_file(file), counts=no_counts(), training_images=1))
    for name, values in file.tensors.items():
        if name.endswith((".weight", ".bias", ".shift", ".lift")):
            assert np.array_equal(values, again.tensors[name]), name


def test_a_file_says_how_long_its_model_was_trained(file):
    assert file.metadata["training_images"] == "123"


def test_files_hold_what_the_network_says_they_will(file):
    model, codec = lively_model(), CodecModel(file, threads=1)
    image = photograph_planes()[0][:, :256, :256]
    samples = image.permute(1, 2, 0).numpy().copy()
    planes = image[None].float() / 255
    for quality in (30, 80):
        data = encode_with(codec, samples, quality=quality)
        decoded = decode_with(codec, parse_file(data)).astype(np.float64)
        with torch.no_grad():
            coded = model(planes, torch.tensor([float(quality)]), hard=True)
        bits = 8 * len(data) / (256 * 256)
        assert bits == pytest.approx(sum(coded.rates.values()).item(), rel=0.1)
        painted = (coded.decoded[0].clamp(0, 1) * 255).permute(1, 2, 0).numpy()
        assert np.abs(decoded - painted).mean() < 1.0


def test_a_model_that_lacks_a_layer_is_refused(file):
    name = "painter.entered.weight"
    tensors = {key: value for key, value in file.tensors.items() if key != name}
    with pytest.raises(ModelError, match=r"painter\.entered\.weight"):
        from_file(dataclasses.replace(file, tensors=tensors))


def test_sizes_are_compared_before_a_model_takes_memory(file):
    huge = dataclasses.replace(TINY, exact=True, hyper_channels=10**7)
    metadata = {**file.metadata, "configuration": huge.to_json()}
    with pytest.raises(ModelError, match="hyper"):
        from_file(dataclasses.replace(file, metadata=metadata))


def test_sums_that_could_become_too_large_are_refused():
    model = lively_model()
    model.painter.leave.bias.data += 100
    with pytest.raises(ModelError, match=r"detail.*2\*\*24"):
        to_file(model, counts=no_counts(), training_images=0)


def test_units_that_never_speak_are_stored():
    model = lively_model(exact=False)
    with torch.no_grad():
        model.painter.fine[0].expand.bias[3] = -1000
    model.become_exact(crops())
    data = to_file(model, counts=no_counts(), training_images=0)
    bias = parse_model(data).tensors["painter.fine0_hidden.bias"]
    assert bias[3] == bias.min() < -(2**22)
    image, quality = crops(1), torch.tensor([50.0])
    with torch.no_grad():
        first, second = (
            one(image, quality, hard=True).decoded
            for one in (model, from_file(parse_model(data)))
        )
    assert (first - second).abs().max() < 0.1


def test_a_checkerboard_goes_on_as_quadrants():
    source = old_model()
    before = {name: value.clone() for name, value in source.state_dict().items()}
    model = converted(source, SAME_SIZES).eval()
    image, quality = crops(4), torch.full((4,), 70.0)
    with torch.no_grad():
        steps = source.latent_steps(image, quality)
        order = torch.arange(16).view(-1, 4)[:, FOURS].flatten()
        mine = model.latent_steps(image, quality)
        assert torch.allclose(mine, steps[:, order], atol=1e-3)
        painted = model(image, quality, hard=True).decoded
        drawn = source(image, quality, hard=True).decoded
    error = (painted - drawn).square().mean()
    assert error < 0.2 * (drawn - image).square().mean() + 1e-4
    for name, value in source.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_the_last_steps_know_of_the_first_what_one_group_knew_of_the_other():
    source = old_model()
    with torch.no_grad():
        source.context.leave.weight.normal_(std=0.3)
        for block in (source.context.block, source.hyper_synthesis.refine):
            block.expand.bias.fill_(20.0)  # nothing below zero, where slopes differ
        source.hyper_synthesis.layers[2].project.weight.zero_()
    model = converted(source, SAME_SIZES).eval()
    quality = torch.full((1,), 50.0)
    order = torch.arange(16).view(-1, 4)[:, FOURS].flatten()
    symbols = torch.randint(-3, 4, (1, OLD_TINY.hyper_channels, 2, 2)).float()
    first = torch.randn(1, 16, 8, 8) * first_group(torch.zeros(1, 16, 8, 8))
    ratio = source.spread[order] / model.spread
    with torch.no_grad():
        prior = source.hyper_synthesis(symbols, quality)
        means = source.first_means(prior) + source.context(first, prior)
        expected, latent = (values[:, order] * ratio for values in (means, first))
        base = model.prior.expansion(symbols, quality)
        context = model.prior.context(base)
        for number, step in enumerate(model.prior.steps):
            if number:
                known = gathered(latent, number - 1)
                exponent = torch.zeros(4, 4, 1, 1)
                told = Known(known, torch.zeros_like(known), exponent)
                context = step.informed(context, told)
            found, _ = step(base, context if number else None)
            if number >= 2:
                wanted = gathered(expected, number)
                assert torch.allclose(found, wanted, rtol=1e-3, atol=1e-3)
                assert wanted.std() > 0.1


def test_a_model_of_other_sizes_does_not_go_on():
    with pytest.raises(RuntimeError):
        converted(old_model(), dataclasses.replace(TINY, fine_channels=24))


def test_a_fresh_model_is_the_klt():
    architecture = TrainableQuadrants()
    model = architecture.new("exact", Kind("psnr"), photograph_planes())
    image, quality = crops(2), torch.full((2,), 90.0)
    with torch.no_grad():
        coded = model.eval()(image, quality, hard=True)
    error = (coded.decoded - image).square().mean()
    assert 10 * torch.log10(1 / error) > 33
    assert not model.exact


def test_an_exact_model_stays_exact_in_a_checkpoint():
    model = lively_model()
    again = TrainableQuadrants().empty(model.to_json())
    again.load_state_dict(model.state_dict())
    assert again.exact
    image, quality = crops(1), torch.tensor([50.0])
    with torch.no_grad():
        first, second = (
            one.eval()(image, quality, hard=True) for one in (model, again)
        )
    assert torch.equal(first.decoded, second.decoded)


def test_models_are_not_tuned_otherwise_halfway():
    architecture = TrainableQuadrants()
    with pytest.raises(ValueError, match="tuned for psnr"):
        architecture.changed(lively_model(), None, tune="eye")
    with pytest.raises(ValueError, match="cannot become a network 'nano'"):
        architecture.changed(lively_model(), "nano", tune="psnr")
    assert isinstance(
        architecture.changed(lively_model(), None, tune="psnr"), QuadrantVae
    )
