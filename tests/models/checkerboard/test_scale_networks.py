from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import make_tensors
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.latent_coder import LatentCoder
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.exact import integer_network

LAYERS = [
    "expand1",
    "spread1",
    "expand2",
    "spread2",
    "hidden_first",
    "output_first",
    "gather",
    "spread_symbols",
    "hidden_second",
    "output_second",
]


class ReferenceNetworks:
    """The networks as the format describes them, in int64 and over all positions."""

    def __init__(self, tensors):
        self.tensors = {name: value.astype(np.int64) for name, value in tensors.items()}

    def features(self, hyper, shape):
        wide = _shuffle(self._hidden("expand1", hyper.astype(np.int64) << 8))
        wide = _shuffle(self._hidden("expand2", self._hidden("spread1", wide)))
        return self._hidden("spread2", wide)[:, : shape[0], : shape[1]]

    def first(self, features, quality):
        return self._output("first", 0, self._hidden("hidden_first", features), quality)

    def second(self, features, symbols, quality):
        channel, row, column = np.indices(symbols.shape)
        seen = self.tensors["scale.magnitudes"][
            np.minimum(np.abs(symbols.astype(np.int64)), 15)
        ]
        seen[(channel + row + column) % 2 == 1] = 0
        seen = self._hidden("spread_symbols", self._hidden("gather", seen))
        hidden = self._hidden("hidden_second", np.concatenate([seen, features]))
        return self._output("second", 1, hidden, quality)

    def _layer(self, name, inputs):
        weight = self.tensors[f"scale.{name}.weight"]
        bias = self.tensors[f"scale.{name}.bias"][:, None, None]
        if weight.ndim == 2:
            return np.einsum("oi,ihw->ohw", weight, inputs) + bias
        kernel = weight.shape[1]
        radius = kernel // 2
        padded = np.pad(inputs, ((0, 0), (radius, radius), (radius, radius)))
        windows = np.lib.stride_tricks.sliding_window_view(
            padded, (kernel, kernel), axis=(1, 2)
        )
        return np.einsum("cij,chwij->chw", weight, windows) + bias

    def _hidden(self, name, inputs):
        return np.clip((self._layer(name, inputs) + 2**11) >> 12, 0, 4095)

    def _output(self, name, which, inputs, quality):
        offset = self.tensors["scale.offsets"][which, quality][:, None, None]
        sums = self._layer(f"output_{name}", inputs) + offset + 2**16
        return np.clip(sums >> 17, 0, 63)


def _shuffle(inputs):
    channels, height, width = inputs.shape
    outputs = np.empty((channels // 4, 2 * height, 2 * width), np.int64)
    for i, j in np.ndindex(2, 2):
        outputs[:, i::2, j::2] = inputs[2 * i + j :: 4]
    return outputs


def _extreme(seed):
    """A model in which every number sits at an end of its range."""
    rng = np.random.default_rng(seed)
    tensors = make_tensors(seed)
    for name in tensors:
        if name.startswith("scale."):
            ends = np.iinfo(tensors[name].dtype)
            shape = tensors[name].shape
            tensors[name] = rng.choice([ends.min, ends.max], shape).astype(ends.dtype)
    return tensors


@pytest.mark.parametrize(
    "tensors", [make_tensors(1), make_tensors(2, latent=6, hyper=3), _extreme(3)]
)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 12), (13, 6)])
@pytest.mark.parametrize("quality", [0, 63, 100])
def test_all_scale_indexes_equal_those_of_plain_integers(tensors, shape, quality):
    rng = np.random.default_rng(9)
    coder, reference = LatentCoder(tensors), ReferenceNetworks(tensors)
    grid = (coder.hyper_channels, -(-shape[0] // 4), -(-shape[1] // 4))
    hyper = rng.integers(-31, 32, grid).astype(np.int16)
    symbols = (rng.laplace(0, 5, (coder.latent_channels, *shape))).astype(np.int16)
    symbols.flat[::7] = 32767
    in_first = np.indices(symbols.shape).sum(axis=0) % 2 == 0
    first, features = coder.first_indexes(hyper, shape, quality=quality)
    second = coder.second_indexes(features, symbols, quality=quality)
    shared = reference.features(hyper, shape)
    expected = reference.first(shared, quality)
    assert np.array_equal(first, np.where(in_first, expected, 0))
    expected = reference.second(shared, symbols, quality)
    assert np.array_equal(second, np.where(in_first, 0, expected))


def test_the_test_models_use_many_rows(tensors):
    rng = np.random.default_rng(1)
    hyper = rng.integers(-5, 6, (4, 4, 4)).astype(np.int16)
    indexes, _ = LatentCoder(tensors).first_indexes(hyper, (16, 16), quality=50)
    assert len(np.unique(indexes)) > 20


def test_symbols_of_the_second_group_do_not_matter_to_it(tensors):
    rng = np.random.default_rng(7)
    coder = LatentCoder(tensors)
    hyper = rng.integers(-31, 32, (4, 1, 2)).astype(np.int16)
    _, features = coder.first_indexes(hyper, (4, 6), quality=30)
    symbols = rng.integers(-9, 10, (8, 4, 6)).astype(np.int16)
    expected = coder.second_indexes(features, symbols, quality=30)
    symbols[np.indices(symbols.shape).sum(axis=0) % 2 == 1] = -9
    assert np.array_equal(coder.second_indexes(features, symbols, quality=30), expected)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("part", ["weight", "bias"])
def test_a_layer_that_is_missing_or_does_not_fit_is_refused(layer, part):
    tensors = make_tensors(1)
    name = f"scale.{layer}.{part}"
    whole = tensors.pop(name)
    with pytest.raises(ModelError, match=f"no tensor '{name}'"):
        ScaleNetworks(tensors)
    tensors[name] = whole.astype(np.float32)
    with pytest.raises(ModelError, match="is float32"):
        ScaleNetworks(tensors)
    tensors[name] = np.stack([whole, whole])
    with pytest.raises(ModelError, match="has shape"):
        ScaleNetworks(tensors)
    tensors[name] = whole[:-1]
    with pytest.raises(ModelError):
        ScaleNetworks(tensors)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_is_proven_when_a_model_is_loaded(layer, monkeypatch):
    # No model file can hold enough weights to reach 2**53, so the limit comes down.
    monkeypatch.setattr(integer_network, "EXACT_LIMIT", 2**31)
    tensors = {name: np.zeros_like(value) for name, value in make_tensors(1).items()}
    ScaleNetworks(tensors)
    tensors[f"scale.{layer}.bias"][0] = -(2**31)
    with pytest.raises(ModelError, match="a layer can sum up to 2147"):
        ScaleNetworks(tensors)


@pytest.mark.parametrize("name", ["scale.magnitudes", "scale.offsets"])
def test_a_table_of_the_networks_with_another_shape_is_refused(name):
    tensors = make_tensors(1)
    tensors[name] = tensors[name][:-1]
    with pytest.raises(ModelError, match=f"{name}.*has shape"):
        ScaleNetworks(tensors)


def test_an_odd_number_of_latent_channels_is_refused():
    with pytest.raises(ModelError, match="7 latent channels"):
        ScaleNetworks(make_tensors(1, latent=7))


def test_a_layer_that_is_shuffled_needs_a_multiple_of_four_outputs():
    tensors = make_tensors(1)
    for part in ("weight", "bias"):
        tensors[f"scale.expand1.{part}"] = tensors[f"scale.expand1.{part}"][:-2]
    with pytest.raises(ModelError, match=r"expand1 has 14 outputs"):
        ScaleNetworks(tensors)
