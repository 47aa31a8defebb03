"""What the shapes say, against what PyTorch and the integer layers really do."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.models.checkerboard.conftest import everywhere, scale_indexes
from vaecodec.models.checkerboard.complexity import decoder_kmac_per_pixel, parameters
from vaecodec.models.checkerboard.networks.graphs import Synthesis
from vaecodec.models.checkerboard.networks.stored import from_file
from vaecodec.models.exact.integer_network import Dense, Depthwise
from vaecodec.models.library import load_model
from vaecodec.models.model_file import ModelFile
from vaecodec.models.registry import build

CELLS = 4  # of 64 pixels, in both directions
PIXELS = (64 * CELLS) ** 2


def symbols(file: ModelFile) -> tuple[Tensor, Tensor]:
    configuration = from_file(file).configuration
    hyper = torch.ones(configuration.hyper_channels, CELLS, CELLS, dtype=torch.int16)
    latent = torch.ones(
        configuration.latent_channels, 4 * CELLS, 4 * CELLS, dtype=torch.int16
    )
    return hyper, latent


def float_products(file: ModelFile) -> int:
    """Multiply-accumulates of the receiver's float networks, counted by hooks."""
    model, counted = from_file(file), 0

    def count(layer: nn.Module, _: object, result: Tensor) -> None:
        nonlocal counted
        assert isinstance(layer, nn.Conv2d)
        counted += layer.weight.numel() * result.shape[-2] * result.shape[-1]

    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        Synthesis(model)(*symbols(file), torch.tensor([[50.0]]))
    return counted


def integer_products(file: ModelFile, monkeypatch: pytest.MonkeyPatch) -> int:
    """Those of the integer networks, counted where they are done."""
    counted = 0
    dense, depthwise = Dense.accumulate, Depthwise.accumulate

    def count_dense(layer, inputs, out=None, **offsets):
        nonlocal counted
        counted += layer.weight.size * inputs.shape[1]
        return dense(layer, inputs, out, **offsets)

    def count_depthwise(layer, inputs):
        nonlocal counted
        counted += layer.taps.size * inputs.shape[1] * inputs.shape[2]
        return depthwise(layer, inputs)

    architecture = build(file)  # runs the networks once: the known answer
    monkeypatch.setattr(Dense, "accumulate", count_dense)
    monkeypatch.setattr(Depthwise, "accumulate", count_depthwise)
    hyper, latent = (part.numpy() for part in symbols(file))
    scale_indexes(architecture, hyper, latent, everywhere(50))
    return counted


def test_products_per_pixel_are_those_that_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = load_model()
    counted = float_products(file) + integer_products(file, monkeypatch)
    assert decoder_kmac_per_pixel(file) == pytest.approx(counted / PIXELS / 1000)


def test_parameters_are_those_that_are_trained() -> None:
    file = load_model()
    trained = sum(values.numel() for values in from_file(file).parameters())
    assert parameters(file) == trained


def test_a_decoder_with_an_unknown_layer_has_no_number() -> None:
    file = load_model()
    names = file.metadata["graph.synthesis"] + " wavelet.weight"
    metadata = {**file.metadata, "graph.synthesis": names}
    assert decoder_kmac_per_pixel(ModelFile(file.tensors, metadata)) is None
    assert decoder_kmac_per_pixel(ModelFile({}, {})) is None
