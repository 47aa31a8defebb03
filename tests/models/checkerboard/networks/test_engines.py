"""The exported graphs on ONNX Runtime against the modules on PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import everywhere
from tests.models.checkerboard.networks.conftest import TINY, draw_symbols, lively_model
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.checkerboard.networks.torch_engine import TorchEngine
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.model_file import parse_model
from vaecodec.models.networks.table_fitting import no_counts


@pytest.fixture(scope="module")
def file():
    data = to_file(lively_model(), counts=no_counts(), training_images=0)
    return parse_model(data)


@pytest.fixture(scope="module")
def torch_engine(file):
    return TorchEngine(file)


@pytest.fixture(
    scope="module",
    params=[(1, True), (2, True), (1, False)],
    ids=["one thread", "two threads", "graphs as exported"],
)
def onnx_engine(request, file):
    threads, optimize = request.param
    return OnnxEngine(file, threads=threads, optimize=optimize)


@pytest.mark.parametrize("shape", [(64, 64), (192, 128)])
@pytest.mark.parametrize("quality", [0, 63, 100])
def test_both_engines_analyze_alike(onnx_engine, torch_engine, crop, shape, quality):
    image = np.ascontiguousarray(crop[: shape[0], : shape[1]])
    steps, hyper = onnx_engine.analyze(image, quality=everywhere(quality))
    expected_steps, expected_hyper = torch_engine.analyze(
        image, quality=everywhere(quality)
    )
    grid = (shape[0] // 16, shape[1] // 16)
    assert steps.shape == (TINY.latent_channels, *grid)
    assert (steps.dtype, hyper.dtype) == (np.float32, np.int16)
    assert np.abs(steps - expected_steps).max() < 0.01
    # A tie may be rounded to either side.
    assert np.abs(hyper - expected_hyper).max() <= 1
    assert np.mean(hyper != expected_hyper) <= 0.01
    assert hyper.any()


@pytest.mark.parametrize("grid", [(4, 4), (12, 8)])
@pytest.mark.parametrize("quality", [0, 63, 100])
def test_both_engines_find_the_same_means_and_images(
    onnx_engine, torch_engine, grid, quality
):
    symbols = draw_symbols(5, rows=grid[0], columns=grid[1])
    means = onnx_engine.means(*symbols, quality=everywhere(quality))
    expected = torch_engine.means(*symbols, quality=everywhere(quality))
    assert means.shape == (TINY.latent_channels, *grid)
    assert np.abs(means - expected).max() < 0.01
    image = onnx_engine.synthesize(*symbols, quality=everywhere(quality))
    levels = torch_engine.synthesize(*symbols, quality=everywhere(quality)).astype(int)
    assert (image.dtype, image.shape) == (np.uint8, (16 * grid[0], 16 * grid[1], 3))
    assert np.mean(np.abs(image - levels) <= 1) >= 0.999
    assert image.std() > 5


# A quality for each cell of 64 pixels: 3 rows of 2.
MAP = np.array([[0, 100], [40, 80], [63, 5]], np.uint8)


def test_both_engines_analyze_alike_with_a_map_of_qualities(
    onnx_engine, torch_engine, crop
):
    steps, hyper = onnx_engine.analyze(crop, quality=MAP)
    expected_steps, expected_hyper = torch_engine.analyze(crop, quality=MAP)
    assert steps.shape == (TINY.latent_channels, 12, 8)
    assert np.abs(steps - expected_steps).max() < 0.01
    assert np.abs(hyper - expected_hyper).max() <= 1
    assert np.mean(hyper != expected_hyper) <= 0.01
    # Every cell has its own quantisation steps.
    for row, column in np.ndindex(MAP.shape):
        cell = np.s_[:, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        alike, _ = onnx_engine.analyze(crop, quality=everywhere(MAP[row, column]))
        other, _ = onnx_engine.analyze(crop, quality=everywhere(20))
        near, far = (np.abs(steps - one)[cell].mean() for one in (alike, other))
        assert near < 0.3 * far


def test_both_engines_draw_alike_with_a_map_of_qualities(onnx_engine, torch_engine):
    symbols = draw_symbols(5, rows=12, columns=8)
    means = onnx_engine.means(*symbols, quality=MAP)
    expected = torch_engine.means(*symbols, quality=MAP)
    assert np.abs(means - expected).max() < 0.01
    image = onnx_engine.synthesize(*symbols, quality=MAP)
    levels = torch_engine.synthesize(*symbols, quality=MAP).astype(int)
    assert np.mean(np.abs(image - levels) <= 1) >= 0.999
    plain = onnx_engine.synthesize(*symbols, quality=everywhere(50)).astype(int)
    assert np.mean(np.abs(image - plain) > 1) > 0.5


def test_a_map_of_one_quality_is_that_quality(onnx_engine, torch_engine, crop):
    symbols = draw_symbols(5, rows=12, columns=8)
    for engine in (onnx_engine, torch_engine):
        found, expected = (
            (
                engine.analyze(crop, quality=quality)[0],
                engine.means(*symbols, quality=quality),
                engine.synthesize(*symbols, quality=quality).astype(int),
            )
            for quality in (np.full((3, 2), 63, np.uint8), everywhere(63))
        )
        for one, other, most in zip(found, expected, (0.01, 0.01, 1), strict=True):
            assert np.abs(one - other).max() <= most


def test_read_only_arrays_are_fine_for_both(onnx_engine, torch_engine, crop):
    symbols = draw_symbols(6, rows=4, columns=4)
    for array in (crop, *symbols):
        array.flags.writeable = False
    for engine in (onnx_engine, torch_engine):
        engine.analyze(crop, quality=everywhere(50))
        engine.means(*symbols, quality=everywhere(50))
        engine.synthesize(*symbols, quality=everywhere(50))
    crop.flags.writeable = True
