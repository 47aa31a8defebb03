"""What training believes against what the codec does, on the same photograph."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tests.models.checkerboard.conftest import scale_indexes as exact_indexes
from tests.models.checkerboard.networks.conftest import (
    lively_model,
    photograph_planes,
    untrained_model,
)
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.format.container import parse_file
from vaecodec.models.architecture import Symbols
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.integerize import scale_indexes
from vaecodec.models.checkerboard.networks.stored import from_file, to_file
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks.table_fitting import no_counts
from vaecodec.models.registry import build
from vaecodec.training.terms import Measured


@pytest.fixture(scope="module")
def photograph():
    planes = photograph_planes()[2][:, :256, 64:384]
    return np.ascontiguousarray(planes.permute(1, 2, 0).numpy())


def bits_and_error(model, photograph, quality):
    """What the hard pass of training counts, bits and MSE of 8-bit samples."""
    with torch.no_grad():
        levels = torch.tensor([float(quality)])
        terms = Measured(model)(as_planes(photograph), levels, hard=True)
    rate = terms.rate.item()
    return rate * photograph[..., 0].size, terms.mse_255.item()


def file_bits_and_error(model, photograph, quality):
    """The same of a real file: bits of its payload, and of its decoded image."""
    codec = codec_of(file_of(model))
    file = parse_file(encode_with(codec, photograph, quality=quality))
    decoded = decode_with(codec, file).astype(float)
    bits = 8 * sum(map(len, itertools.chain(*file.payloads)))
    return bits, np.mean((decoded - photograph) ** 2)


@pytest.mark.parametrize("quality", [5, 40, 70, 100])
def test_a_file_has_the_rate_and_error_that_training_counts(photograph, quality):
    model = untrained_model(Configuration())
    bits, mse_255 = bits_and_error(model, photograph, quality)
    file_bits, file_mse_255 = file_bits_and_error(model, photograph, quality)
    assert file_bits == pytest.approx(bits, rel=0.015)
    rounding = 1 / 12  # of samples to 8 bits
    assert file_mse_255 == pytest.approx(mse_255 + rounding, rel=0.015)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("quality", [10, 60])
def test_training_conditions_on_what_the_receiver_will_have(photograph, quality, hard):
    file = file_of(lively_model())
    model, architecture = from_file(file), build(file)
    level = torch.tensor([float(quality)])
    with torch.no_grad():
        steps = model.latent_steps(as_planes(photograph), level)
        hyper = model.hyper_analysis(steps).round()
        prior = model.hyper_synthesis(hyper, level)
        means, latent, log_scales = model._two_groups(
            steps, hyper, prior, level, hard=hard
        )
    symbols = [values[0].numpy().astype(np.int16) for values in (hyper, latent)]
    everywhere = np.full((1, 1), quality, np.uint8)
    for step in (1, 2):
        expected = architecture.means(step, Symbols(tuple(symbols)), everywhere)
        assert np.abs(means[0].numpy() - expected).max() < 0.02
    rows = exact_indexes(architecture, *symbols, everywhere)
    assert np.mean(rows == scale_indexes(log_scales)[0].numpy()) > 0.99


def as_planes(photograph):
    return torch.from_numpy(photograph).permute(2, 0, 1)[None].float() / 255


def file_of(model):
    return parse_model(to_file(model, counts=no_counts(), training_images=0))


def codec_of(file):
    return CodecModel(file)
