"""A graph may come from anywhere: it must not be able to read files or memory."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from vaecodec.errors import ModelError
from vaecodec.models.engines.external_data import (
    MAX_GRAPH_BYTES,
    refuse_other_locations,
)
from vaecodec.models.engines.graph_runner import NO_FOLDER
from vaecodec.models.model_file import ModelFile


def external(location: str, name: str = "weight") -> TensorProto:
    """Four numbers that another file is said to hold."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("length", "16")):
        tensor.external_data.add(key=key, value=value)
    return tensor


def graph_with(weight: TensorProto, *, inside: bool = False) -> onnx.ModelProto:
    """Adds a weight to an input; `inside` hides the weight in an attribute."""
    number = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [4]) for n in "xy"]
    nodes = [helper.make_node("Add", ["x", weight.name], ["y"])]
    if inside:
        nodes.insert(0, helper.make_node("Constant", [], [weight.name], value=weight))
    weights = [] if inside else [weight]
    graph = helper.make_graph(nodes, "adds", number[:1], number[1:], weights)
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def test_onnxruntime_opens_no_file_for_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the entry, version 1.31 reads the file and puts out 0, 1, 2, 3.
    monkeypatch.chdir(tmp_path)
    Path("model").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.graph_optimization_level = level
    options.add_session_config_entry(NO_FOLDER, __file__)
    graph = graph_with(external("model")).SerializeToString()
    with pytest.raises(Exception, match="ONNXRuntimeError"):
        onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    "location", ["secret", "/etc/hostname", "../secret", "*/_ORT_MEM_ADDR_/*", "models"]
)
def test_a_graph_that_names_another_place_is_refused(
    location: str, inside: bool
) -> None:
    graph = graph_with(external(location), inside=inside)
    with pytest.raises(ModelError, match="refers to other data"):
        refuse_other_locations(graph.SerializeToString())


def test_a_graph_inside_a_graph_is_looked_into() -> None:
    branch = graph_with(external("secret")).graph
    node = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    graph = helper.make_model(helper.make_graph([node], "nested", [], []))
    with pytest.raises(ModelError, match="refers to other data"):
        refuse_other_locations(graph.SerializeToString())


def field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


KEY, GOOD, BAD = field(1, b"location"), field(2, b"model"), field(2, b"secret")


@pytest.mark.parametrize(
    "entry",
    [
        KEY + BAD,
        BAD + KEY,
        KEY + GOOD + BAD,
        BAD + KEY + GOOD,
        field(1, b"x") + KEY + BAD,
        # A number, eight bytes, four bytes and a group of an unknown kind before it.
        b"\x48\x96\x01" + b"\x49" + bytes(8) + b"\x4d" + bytes(4) + KEY + BAD,
        b"\x4b\x4c" + KEY + BAD,
        # A length with more bytes than it needs, a tag with bits that are dropped.
        b"\x0a\x88\x00location" + BAD,
        b"\x8a\x80\x80\x80\x10\x08location" + BAD,
    ],
)
def test_no_way_to_write_an_entry_hides_it(entry: bytes) -> None:
    tensor = TensorProto.FromString(external("model").SerializeToString())
    hidden = field(13, entry)
    with pytest.raises(ModelError, match="refers to other data"):
        refuse_other_locations(field(7, field(5, tensor.SerializeToString() + hidden)))


@pytest.mark.parametrize("name", ["analysis", "means", "synthesis"])
def test_the_graphs_of_a_model_are_passed(name: str, model: ModelFile) -> None:
    graph = model.tensors[f"graph.{name}"].tobytes()
    assert b"location" in graph
    refuse_other_locations(graph)
    with pytest.raises(ModelError):
        refuse_other_locations(graph.replace(b"model", b"nodel"))


def test_endless_nesting_is_refused() -> None:
    message = b"\x0a\x08location"
    while len(message) < 100_000:
        length = len(message)
        groups = [length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14]
        message = b"\x3a" + bytes(groups) + message
    assert sys.getrecursionlimit() < 100_000 / 4
    with pytest.raises(ModelError, match="nested"):
        refuse_other_locations(message)


def test_a_huge_graph_is_refused_unread() -> None:
    with pytest.raises(ModelError, match=str(MAX_GRAPH_BYTES)):
        refuse_other_locations(bytes(MAX_GRAPH_BYTES + 1))
