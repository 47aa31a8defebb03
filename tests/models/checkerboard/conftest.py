"""Random but plausible models, small enough for fast tests."""

from __future__ import annotations

import numpy as np
import pytest

from tests.entropy.conftest import laplacian_rows
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.entropy.frequency_tables import quantize_frequencies
from vaecodec.models.architecture import Symbols
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.checkerboard.parts import parts
from vaecodec.models.model_file import ModelFile


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


def file_of(tensors):
    """A model file that lists its parts as it should."""
    return ModelFile(tensors, parts(tensors, {}))


def architecture_of(tensors, **options):
    return CheckerboardArchitecture(file_of(tensors), **options)


def everywhere(quality):
    """The same quality in all cells."""
    return np.full((1, 1), quality, np.uint8)


def scale_indexes(architecture, hyper, latent, quality):
    """Rows of the table set for both groups, uint8 [M, h, w]."""
    height, width = (16 * side for side in latent.shape[1:])
    predictor = architecture.predictor(height, width, quality)
    known, indexes = Symbols((hyper, latent)), np.zeros(latent.shape, np.uint8)
    for step in (1, 2):
        predictor.scatter(step, predictor.predict(step, known).indexes, indexes)
    return indexes


def draw_symbols(architecture, rng, shape, *, quality, outliers=0.01):
    """Symbols for pixels [height, width] from the model's own tables, a few far out."""
    symbols = no_symbols(architecture, *shape)
    predictor = architecture.predictor(*shape, quality)
    for number, step in enumerate(architecture.steps):
        rows = predictor.predict(number, symbols).indexes
        if number == 0:
            values = rng.integers(-3, 4, rows.shape).astype(np.int16)
            values *= architecture.tables.is_coded[rows]
        else:
            values = _draw(architecture.tables, rng, rows, outliers)
        predictor.scatter(number, values, symbols.planes[step.plane])
    return symbols


@pytest.fixture(scope="session")
def tensors():
    return make_tensors(1)


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
