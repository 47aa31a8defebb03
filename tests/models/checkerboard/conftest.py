"""Random but plausible models, small enough for fast tests."""

from __future__ import annotations

import numpy as np
import pytest

from tests.entropy.conftest import laplacian_rows
from vaecodec.entropy.frequency_tables import quantize_frequencies
from vaecodec.models.checkerboard.symbols import TileSymbols


def make_tensors(seed, *, latent=8, hyper=4, widths=(4, 8, 12, 6, 10)):
    """All tensors of a model, with weights that let every scale index occur."""
    rng = np.random.default_rng(seed)
    outer, inner, first, gathered, second = widths
    shapes = {
        "expand1": (4 * outer, hyper),
        "spread1": (outer, 3, 3),
        "expand2": (4 * inner, outer),
        "spread2": (inner, 3, 3),
        "hidden_first": (first, inner),
        "output_first": (latent, first),
        "gather": (gathered, latent),
        "spread_symbols": (gathered, 5, 5),
        "hidden_second": (second, gathered + inner),
        "output_second": (latent, second),
    }
    limits, frequencies = quantize_frequencies(laplacian_rows())
    tensors = {"tables.limits": limits, "tables.frequencies": frequencies}
    for name, shape in shapes.items():
        fan_in = int(np.prod(shape[1:]))
        weight = rng.normal(0.02, 1.2 / np.sqrt(fan_in), shape) * 2**12
        tensors[f"scale.{name}.weight"] = weight.round().astype(np.int16)
        bias = rng.normal(0.5, 0.5, shape[0]) * 2**20
        tensors[f"scale.{name}.bias"] = bias.round().astype(np.int32)
    magnitudes = np.log2(1 + np.arange(16)) * 2**8
    tensors["scale.magnitudes"] = magnitudes.round().astype(np.int16)
    quality = np.linspace(-1, 3, 101)[None, :, None]
    offsets = (quality + rng.normal(0, 1.5, (2, 1, latent))) * 2**20
    tensors["scale.offsets"] = offsets.round().astype(np.int32)
    tensors["hyper.indexes"] = rng.integers(3, 30, (101, hyper)).astype(np.uint8)
    return tensors


def draw_symbols(coder, rng, shape, *, quality, outliers=0.01):
    """Symbols drawn from the coder's own tables, with a few far outside."""
    height, width = shape
    grid = (coder.hyper_channels, -(-height // 4), -(-width // 4))
    hyper = rng.integers(-3, 4, grid).astype(np.int16)
    hyper[~coder.tables.is_coded[coder.hyper_indexes[quality]]] = 0
    indexes, features = coder.first_indexes(hyper, shape, quality=quality)
    first = _draw(coder.tables, rng, indexes, outliers) * _first_group(indexes.shape)
    indexes = coder.second_indexes(features, first, quality=quality)
    second = _draw(coder.tables, rng, indexes, outliers)
    second *= 1 - _first_group(indexes.shape)
    return TileSymbols(hyper, first + second)


@pytest.fixture(scope="session")
def tensors():
    return make_tensors(1)


def _first_group(shape):
    channel, row, column = np.indices(shape, sparse=True)
    return ((channel + row + column) % 2 == 0).astype(np.int16)


def _draw(tables, rng, indexes, outliers):
    values = np.zeros(indexes.shape, np.int16)
    for row, limit in enumerate(tables.limits):
        here = np.flatnonzero(indexes.ravel() == row)
        if limit == 0 or here.size == 0:
            continue
        chance = tables.rows[row] / 65536
        drawn = rng.choice(2 * limit + 1, here.size, p=chance) - limit
        far = rng.integers(-32767, 32768, here.size)
        values.flat[here] = np.where(rng.random(here.size) < outliers, far, drawn)
    return values
