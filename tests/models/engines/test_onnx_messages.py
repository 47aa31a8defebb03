from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from vaecodec.models.engines.onnx_messages import GraphWriter
from vaecodec.models.engines.sessions import open_session, session_options


def _written() -> onnx.ModelProto:
    graph = GraphWriter()
    image = graph.input("image", np.float32, rank=4)
    weight = graph.constant(np.arange(300 * 9, dtype=np.float32).reshape(300, 1, 3, 3))
    sums = graph.node("Conv", image, weight, out="sums", group=300, pads=(1, 0, 1, 200))
    graph.output(sums, np.float32, rank=4)
    return onnx.load_from_string(graph.model())


def test_models_are_what_the_package_onnx_accepts():
    model = _written()
    onnx.checker.check_model(model, full_check=True)
    [node] = model.graph.node
    found = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    assert found == {"group": 300, "pads": [1, 0, 1, 200]}
    assert [len(value.type.tensor_type.shape.dim) for value in model.graph.input] == [4]
    assert list(node.output) == ["sums"] == [value.name for value in model.graph.output]


def test_every_node_has_a_name_of_its_own():
    graph = GraphWriter()
    first = graph.node("Identity", graph.input("x", np.float32, rank=1))
    graph.output(graph.node("Identity", first), np.float32, rank=1)
    names = [node.name for node in onnx.load_from_string(graph.model()).graph.node]
    assert len(set(names)) == 2
    assert all(names)


@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "i1", "i4", "i8", ">f4", ">i4"])
@pytest.mark.parametrize("shape", [(), (1,), (3, 50)])
def test_arrays_are_held_as_they_are(dtype, shape):
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    graph = GraphWriter()
    name = graph.constant(values)
    [held] = onnx.load_from_string(graph.model()).graph.initializer
    found = numpy_helper.to_array(held)
    np.testing.assert_array_equal(found, values)
    assert (held.name, found.dtype) == (name, values.dtype.newbyteorder("="))


def test_equal_arrays_are_held_once():
    graph = GraphWriter()
    first, again, other = (
        graph.constant(np.array([1, 2], dtype)) for dtype in ("i4", "i4", "u1")
    )
    assert first == again != other


def test_a_written_model_runs():
    session = open_session(_written().SerializeToString(), session_options(threads=1))
    [sums] = session.run(None, {"image": np.ones((1, 300, 1, 2), np.float32)})
    assert sums.shape == (1, 300, 1, 200)
    assert sums[0, 1, 0, 0] == 12 + 13
