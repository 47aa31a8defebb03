"""Graphs of 8 bits become such that take and put out levels, or are refused."""

from __future__ import annotations

import numpy as np
import pytest

from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.engines.deep_graphs import given_levels, with_levels
from vaecodec.models.engines.onnx_messages import GraphWriter
from vaecodec.models.library import load_model

QUALITY = np.full((1, 1), 70, np.uint8)


@pytest.fixture(scope="module")
def engine() -> OnnxEngine:
    return OnnxEngine(load_model("standard"), threads=1)


def test_levels_are_what_the_image_is_rounded_from(engine: OnnxEngine) -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (64, 128, 3), np.uint8)
    steps, hyper = engine.analyze(image, quality=QUALITY)
    symbols = hyper, np.rint(steps).astype(np.int16)
    levels = engine.levels(*symbols, quality=QUALITY)
    assert (levels < 0).any() or (levels > 255).any()
    rounded = np.floor(levels + 0.5).clip(0, 255)
    np.testing.assert_array_equal(rounded, engine.synthesize(*symbols, quality=QUALITY))


def test_whole_levels_are_analysed_like_samples(engine: OnnxEngine) -> None:
    image = np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8)
    expected, _ = engine.analyze(image, quality=QUALITY)
    found, _ = engine.analyze(image.astype(np.float32), quality=QUALITY)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def graph(*operators: str) -> bytes:
    """A graph that puts out an image after these operators on `x`."""
    writer = GraphWriter()
    name = writer.input("x", np.float32, 4)
    for number, operator in enumerate(operators):
        last = number == len(operators) - 1
        name = writer.node(operator, name, out="image" if last else None)
    writer.output("image", np.float32, 4)
    return writer.model()


@pytest.mark.parametrize(
    "data",
    [
        graph("Relu"),
        graph("Add", "Clip", "Neg", "Cast"),
        graph("Add", "Clip", "Reshape"),
        graph("Add"),
        graph("Clip", "Cast", "Transpose", "Reshape"),
        graph("Identity", "Clip", "Cast", "Transpose", "Reshape"),
    ],
)
def test_a_graph_without_the_rounding_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="does not end in Add, Clip and Cast"):
        with_levels(data)


@pytest.mark.parametrize("change", [given_levels, with_levels])
@pytest.mark.parametrize("data", [b"\xff" * 9, b"\x0f", b"\x3a\x03\x0a\x09\x01"])
def test_bytes_that_are_no_graph_are_refused(data: bytes, change: object) -> None:
    assert callable(change)
    with pytest.raises(ModelError):
        change(data)


def test_a_graph_without_an_image_takes_no_levels() -> None:
    with pytest.raises(ModelError, match="has no input 'image'"):
        given_levels(graph("Relu"))
