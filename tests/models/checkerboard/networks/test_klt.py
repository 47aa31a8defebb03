from __future__ import annotations

import numpy as np
import torch

from tests.models.checkerboard.networks.conftest import (
    photograph_planes,
    untrained_model,
)
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.format.container import parse_file
from vaecodec.models.checkerboard.networks import first_step
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks import klt
from vaecodec.models.networks.table_fitting import no_counts
from vaecodec.training.validation import psnr_db


def codec_of(model):
    file = parse_model(to_file(model, counts=no_counts(), training_images=0))
    return CodecModel(file)


def psnr(first, second):
    return psnr_db(np.mean((first.astype(float) - second) ** 2))


def rate_and_psnr(codec, image, quality):
    data = encode_with(codec, image, quality=quality)
    decoded = decode_with(codec, parse_file(data))
    return 8 * len(data) / image[..., 0].size, psnr(decoded, image)


def test_the_basis_is_orthonormal_and_its_first_vector_is_brightness():
    basis, deviation = klt.transform(photograph_planes(), channels=320)
    assert torch.allclose(basis @ basis.T, torch.eye(320), atol=1e-5)
    assert torch.all(deviation.diff() <= 0)
    assert torch.all(basis[0].sign() == basis[0, 0].sign())


def test_bypass_and_back_is_the_projection_on_the_basis():
    model = untrained_model()
    basis, _ = klt.transform(photograph_planes(), channels=16)
    image = photograph_planes()[0][:, 64:80, 64:80][None].float() / 255
    with torch.no_grad():
        model.analysis.leave.weight.zero_()
        model.synthesis.leave.weight.zero_()
        quality = torch.tensor([70.0])
        latent = model.analysis(image, quality)
        again = model.synthesis(latent, torch.zeros(1, 8, 1, 1), quality)
    patch = torch.pixel_unshuffle(image - 0.5, 16).flatten()
    expected = basis.T @ (basis @ patch)
    found = torch.pixel_unshuffle(again - 0.5, 16).flatten()
    assert torch.allclose(found, expected, atol=1e-4)


def test_before_any_training_there_is_a_working_codec(chelsea):
    codec = codec_of(untrained_model(Configuration()))
    points = [rate_and_psnr(codec, chelsea, q) for q in (0, 10, 25, 50, 75, 90, 100)]
    rates, psnrs = np.transpose(points)
    assert np.all(np.diff(rates) > 0)
    assert np.all(np.diff(psnrs) > 0)
    assert rates[0] < 0.12
    assert psnrs[0] > 22
    assert rates[-1] < 4.5
    assert psnrs[-1] > 41


def test_chance_decides_little_about_an_untrained_codec(astronaut):
    """The networks are silent, so their random start hardly shows."""
    points = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        model = HierarchicalVae(Configuration()).eval()
        first_step.initialize(model, photograph_planes())
        points.append(rate_and_psnr(codec_of(model), astronaut[:256, :256], 50))
    assert np.ptp([rate for rate, _ in points]) < 0.05
    assert np.ptp([decibel for _, decibel in points]) < 0.2
