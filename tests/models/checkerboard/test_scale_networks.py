from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import (
    architecture_of,
    everywhere,
    make_tensors,
    scale_indexes,
)
from vaecodec.codec.tile_coder import TileCoder, no_symbols
from vaecodec.errors import ModelError
from vaecodec.models.architecture import Symbols
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
    """The networks as the format describes them, in int64 and over all positions.

    Quality is one number, or one for each cell, int [rows, columns].
    """

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
        sums = self._layer(f"output_{name}", inputs) + 2**16
        for row, column in np.ndindex(sums.shape[1:]):
            at = quality if np.ndim(quality) == 0 else quality[row // 4, column // 4]
            sums[:, row, column] += self.tensors["scale.offsets"][which, at]
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


def _draw(architecture, shape, seed=9):
    """Hyper-symbols and latent symbols for [h, w] latent positions."""
    rng = np.random.default_rng(seed)
    hyper, latent = (plane.channels for plane in architecture.grid.planes)
    grid = (hyper, -(-shape[0] // 4), -(-shape[1] // 4))
    symbols = rng.laplace(0, 5, (latent, *shape)).astype(np.int16)
    symbols.flat[::7] = 32767
    return rng.integers(-31, 32, grid).astype(np.int16), symbols


def _expected(tensors, hyper, symbols, quality):
    """The scale indexes of both groups by plain integers."""
    reference = ReferenceNetworks(tensors)
    shared = reference.features(hyper, symbols.shape[1:])
    in_first = np.indices(symbols.shape).sum(axis=0) % 2 == 0
    second = reference.second(shared, symbols, quality)
    return np.where(in_first, reference.first(shared, quality), second)


models = pytest.mark.parametrize(
    "tensors", [make_tensors(1), make_tensors(2, latent=6, hyper=3), _extreme(3)]
)
shapes = pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 12), (13, 6)])


@models
@shapes
@pytest.mark.parametrize("quality", [0, 63, 100])
def test_all_scale_indexes_equal_those_of_plain_integers(tensors, shape, quality):
    architecture = architecture_of(tensors)
    symbols = _draw(architecture, shape)
    found = scale_indexes(architecture, *symbols, everywhere(quality))
    assert np.array_equal(found, _expected(tensors, *symbols, quality))


@models
@shapes
def test_a_quality_of_each_cell_is_that_of_its_positions(tensors, shape):
    architecture = architecture_of(tensors)
    hyper, symbols = _draw(architecture, shape)
    rng = np.random.default_rng(3)
    qualities = rng.integers(0, 101, hyper.shape[1:]).astype(np.uint8)
    found = scale_indexes(architecture, hyper, symbols, qualities)
    assert np.array_equal(found, _expected(tensors, hyper, symbols, qualities))


def test_a_hyper_symbol_has_the_row_of_its_channel_at_the_quality_of_its_cell(tensors):
    architecture = architecture_of(tensors)
    qualities = np.array([[0, 100, 30], [50, 51, 52]], np.uint8)
    known = no_symbols(architecture, 100, 150)
    predictor = architecture.predictor(100, 150, qualities)
    rows = predictor.predict(0, known).indexes.reshape(4, 2, 3)
    for channel, row, column in np.ndindex(rows.shape):
        expected = tensors["hyper.indexes"][qualities[row, column], channel]
        assert rows[channel, row, column] == expected


@shapes
def test_a_map_of_one_quality_is_that_quality(tensors, shape):
    architecture = architecture_of(tensors)
    hyper, symbols = _draw(architecture, shape)
    constant = np.full(hyper.shape[1:], 63, np.uint8)
    height, width = 16 * shape[0], 16 * shape[1]
    one, other = (
        TileCoder(architecture).sections(
            Symbols((hyper, symbols)), height=height, width=width, quality=quality
        )
        for quality in (constant, everywhere(63))
    )
    for section, same in zip(one, other, strict=True):
        assert np.array_equal(section.indexes, same.indexes)


def test_the_test_models_use_many_rows(tensors):
    hyper = np.random.default_rng(1).integers(-5, 6, (4, 4, 4)).astype(np.int16)
    zeros = np.zeros((8, 16, 16), np.int16)
    indexes = scale_indexes(architecture_of(tensors), hyper, zeros, everywhere(50))
    in_first = np.indices(zeros.shape).sum(axis=0) % 2 == 0
    assert len(np.unique(indexes[in_first])) > 20


def test_symbols_of_the_second_group_do_not_matter_to_it(tensors):
    rng = np.random.default_rng(7)
    architecture = architecture_of(tensors)
    hyper = rng.integers(-31, 32, (4, 1, 2)).astype(np.int16)
    symbols = rng.integers(-9, 10, (8, 4, 6)).astype(np.int16)
    expected = scale_indexes(architecture, hyper, symbols, everywhere(30))
    symbols[np.indices(symbols.shape).sum(axis=0) % 2 == 1] = -9
    found = scale_indexes(architecture, hyper, symbols, everywhere(30))
    assert np.array_equal(found, expected)


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
