from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.models.checkerboard.conftest import everywhere
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.model_file import ModelFile

Changed = Callable[..., ModelFile]
Walk = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


def walk(engine: OnnxEngine, image: NDArray[np.uint8]) -> Walk:
    """The results of every graph."""
    steps, hyper = engine.analyze(image, quality=everywhere(60))
    symbols = np.floor(steps + 0.5).astype(np.int16)
    means = engine.means(hyper, symbols, quality=everywhere(60))
    return (
        steps,
        hyper,
        means,
        engine.synthesize(hyper, symbols, quality=everywhere(60)),
    )


def bytes_of(graph: onnx.ModelProto) -> NDArray[np.uint8]:
    return np.frombuffer(graph.SerializeToString(), np.uint8)


def test_shapes_and_dtypes_are_those_of_the_protocol(
    model: ModelFile, image: NDArray[np.uint8]
) -> None:
    steps, hyper, means, decoded = walk(OnnxEngine(model, threads=1), image)
    assert (steps.dtype, steps.shape) == (np.float32, (64, 8, 12))
    assert (hyper.dtype, hyper.shape) == (np.int16, (16, 2, 3))
    assert (means.dtype, means.shape) == (np.float32, (64, 8, 12))
    assert (decoded.dtype, decoded.shape) == (np.uint8, image.shape)


def test_means_of_the_first_group_do_not_depend_on_the_latent_symbols(
    model: ModelFile, image: NDArray[np.uint8]
) -> None:
    engine = OnnxEngine(model, threads=1)
    steps, hyper = engine.analyze(image, quality=everywhere(60))
    symbols = np.floor(steps + 0.5).astype(np.int16)
    channel, row, column = np.indices(symbols.shape, sparse=True)
    first = (channel + row + column) % 2 == 0
    blank = engine.means(hyper, np.zeros_like(symbols), quality=everywhere(60))
    means = engine.means(hyper, symbols, quality=everywhere(60))
    np.testing.assert_array_equal(means[first], blank[first])
    assert (means[~first] != blank[~first]).mean() > 0.9
    alike = engine.means(hyper, np.where(first, symbols, 77), quality=everywhere(60))
    np.testing.assert_array_equal(means, alike)


def test_weights_stay_alive_as_long_as_the_engine(
    changed: Changed, image: NDArray[np.uint8]
) -> None:
    engine = OnnxEngine(changed(), threads=1)
    before = walk(engine, image)
    gc.collect()
    _ = [np.full(4096, np.nan, np.float32) for _ in range(2000)]
    for one, other in zip(before, walk(engine, image), strict=True):
        np.testing.assert_array_equal(one, other)


def test_threads_may_share_a_fresh_engine(
    model: ModelFile, image: NDArray[np.uint8]
) -> None:
    expected = walk(OnnxEngine(model, threads=1), image)
    for _ in range(3):
        engine, start = OnnxEngine(model, threads=1), Barrier(4)

        def work(engine: OnnxEngine = engine, start: Barrier = start) -> Walk:
            start.wait()
            return walk(engine, image)

        with ThreadPoolExecutor(4) as pool:
            results = [pool.submit(work) for _ in range(4)]
        for result in results:
            for one, other in zip(result.result(), expected, strict=True):
                np.testing.assert_array_equal(one, other)


def test_a_number_of_threads_below_1_is_refused(model: ModelFile) -> None:
    for threads in (0, -1):
        with pytest.raises(ValueError, match=f"^{threads} threads"):
            OnnxEngine(model, threads=threads)


WEIGHT = "weights.synthesis.enter.weight"
GRAPH = "graph.synthesis"


@pytest.mark.parametrize(
    ("tensors", "metadata", "reason"),
    [
        ({GRAPH: None}, {}, "no tensor 'graph.synthesis'"),
        ({GRAPH: np.arange(9, dtype=np.int16)}, {}, "is int16, expected uint8"),
        ({GRAPH: np.arange(9, dtype=np.uint8)}, {}, "cannot be run"),
        ({GRAPH: np.zeros(2 << 20, np.uint8)}, {}, "at most 1048576 are allowed"),
        ({}, {GRAPH: None}, "does not list the weights of graph 'synthesis'"),
        ({}, {GRAPH: ""}, "cannot be run"),
        ({}, {GRAPH: "synthesis.spread"}, "cannot be run"),
        ({}, {GRAPH: "no.such.weight"}, "no tensor 'weights.no.such.weight'"),
        ({WEIGHT: None}, {}, f"no tensor '{WEIGHT}'"),
        ({WEIGHT: np.zeros(3, np.float16)}, {}, "cannot be run"),
        ({WEIGHT: np.zeros((64, 32, 1, 1), np.float16)}, {}, "cannot be run"),
        ({WEIGHT: np.full((32, 64), 1, np.float16)}, {}, "cannot be run"),
        ({"hyper.indexes": None}, {}, "no tensor 'hyper.indexes'"),
        ({"scale.offsets": np.zeros((2, 9), np.int32)}, {}, "has shape"),
    ],
)
def test_a_damaged_model_is_a_model_error(
    tensors: dict[str, NDArray[Any] | None],
    metadata: dict[str, str | None],
    reason: str,
    changed: Changed,
) -> None:
    hyper, latent = np.zeros((16, 1, 1), np.int16), np.zeros((64, 4, 4), np.int16)
    with pytest.raises(ModelError, match=reason) as caught:
        OnnxEngine(changed(tensors, metadata)).synthesize(
            hyper, latent, quality=everywhere(50)
        )
    assert "\n" not in str(caught.value)


def test_an_operator_whose_name_is_no_text_is_refused_without_a_word(
    changed: Changed, model: ModelFile, capfd: pytest.CaptureFixture[str]
) -> None:
    # ONNX Runtime would print to standard output, where the image may go.
    graph = model.tensors[GRAPH].tobytes().replace(b"Conv", b"\xffonv")
    hyper, latent = np.zeros((16, 1, 1), np.int16), np.zeros((64, 4, 4), np.int16)
    engine = OnnxEngine(changed({GRAPH: np.frombuffer(graph, np.uint8)}, {}))
    with pytest.raises(ModelError, match="cannot be run"):
        engine.synthesize(hyper, latent, quality=everywhere(50))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "reason", ["[ONNXRuntimeError] : Failed to allocate memory for", "std::bad_alloc"]
)
def test_memory_that_is_short_is_no_fault_of_the_model(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def run(*_: object) -> None:
        raise RuntimeError(reason)

    engine = OnnxEngine(model)
    monkeypatch.setattr(
        engine._graphs, "_sessions", {"synthesis": SimpleNamespace(run=run)}
    )
    hyper, latent = np.zeros((16, 1, 1), np.int16), np.zeros((64, 4, 4), np.int16)
    with pytest.raises(MemoryError):
        engine.synthesize(hyper, latent, quality=everywhere(50))


def test_weights_that_are_not_finite_are_a_model_error(
    changed: Changed, image: NDArray[np.uint8]
) -> None:
    shape = changed().tensors["weights.analysis.enter.weight"].shape
    endless = {"weights.analysis.enter.weight": np.full(shape, np.inf, np.float16)}
    with pytest.raises(ModelError, match="not finite"):
        OnnxEngine(changed(endless)).analyze(image, quality=everywhere(50))


def graph_that_puts_out(kind: int, shape: list[int]) -> onnx.ModelProto:
    """A synthesis graph that looks at nothing and puts out zeros."""
    value = helper.make_tensor("value", kind, [1], [0])
    size = helper.make_tensor("size", TensorProto.INT64, [len(shape)], shape)
    inputs = [
        helper.make_tensor_value_info("hyper_symbols", TensorProto.INT16, 3 * [None]),
        helper.make_tensor_value_info("latent_symbols", TensorProto.INT16, 3 * [None]),
        helper.make_tensor_value_info("quality", TensorProto.FLOAT, 2 * [None]),
    ]
    output = helper.make_tensor_value_info("image", kind, shape)
    node = helper.make_node("ConstantOfShape", ["size"], ["image"], value=value)
    graph = helper.make_graph([node], "zeros", inputs, [output], [size])
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)


@pytest.mark.parametrize(
    ("kind", "shape", "good"),
    [
        (TensorProto.UINT8, [64, 64, 3], True),
        (TensorProto.UINT8, [64, 64, 4], False),
        (TensorProto.UINT8, [64, 128, 3], False),
        (TensorProto.FLOAT, [64, 64, 3], False),
    ],
)
def test_a_graph_must_put_out_what_is_expected(
    kind: int, shape: list[int], good: bool, changed: Changed
) -> None:
    graph = bytes_of(graph_that_puts_out(kind, shape))
    engine = OnnxEngine(changed({GRAPH: graph}, {GRAPH: ""}))
    hyper, latent = np.zeros((16, 1, 1), np.int16), np.zeros((64, 4, 4), np.int16)
    if good:
        assert not engine.synthesize(hyper, latent, quality=everywhere(50)).any()
    else:
        with pytest.raises(ModelError, match="puts out"):
            engine.synthesize(hyper, latent, quality=everywhere(50))


def test_a_graph_with_other_inputs_is_a_model_error(changed: Changed) -> None:
    graph = graph_that_puts_out(TensorProto.UINT8, [64, 64, 3])
    graph.graph.input[0].name = "something_else"
    engine = OnnxEngine(changed({GRAPH: bytes_of(graph)}, {GRAPH: ""}))
    hyper, latent = np.zeros((16, 1, 1), np.int16), np.zeros((64, 4, 4), np.int16)
    with pytest.raises(ModelError, match="cannot be run"):
        engine.synthesize(hyper, latent, quality=everywhere(50))
