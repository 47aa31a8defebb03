"""The section on pixels in FORMAT.md describes the graphs that are really there."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import pytest

import vaecodec.format
from vaecodec.models.engines.external_data import MAX_GRAPH_BYTES
from vaecodec.models.library import load_model
from vaecodec.models.names import LOCATION

DOCUMENT = Path(vaecodec.format.__file__).with_name("FORMAT.md").read_text("utf-8")
ROW = r"^\| `(\w+)` \| (input|output) \| `(\w+)` \| (\w+) `\[(.*)\]` \|$"
DTYPES = {
    onnx.TensorProto.UINT8: "U8",
    onnx.TensorProto.INT16: "I16",
    onnx.TensorProto.FLOAT: "F32",
}


def described() -> set[tuple[str, ...]]:
    """Graph, direction, name, dtype and number of axes of each row of the table."""
    rows = re.findall(ROW, DOCUMENT, flags=re.M)
    return {(*row[:4], str(row[4].count(",") + 1)) for row in rows}


def real(name: str, graph: onnx.GraphProto) -> set[tuple[str, ...]]:
    found = set()
    for direction, values in (("input", graph.input), ("output", graph.output)):
        for value in values:
            kind = value.type.tensor_type
            axes = str(len(kind.shape.dim))
            found.add((name, direction, value.name, DTYPES[kind.elem_type], axes))
    return found


def test_the_document_lists_the_inputs_and_outputs_of_all_graphs() -> None:
    tensors = load_model().tensors
    expected = set()
    for name in ("analysis", "means", "synthesis"):
        model = onnx.load_model_from_string(tensors[f"graph.{name}"].tobytes())
        assert [opset.version for opset in model.opset_import] == [17]
        expected |= real(name, model.graph)
    assert described() == expected


@pytest.mark.parametrize("name", ["analysis", "means", "synthesis"])
def test_the_document_says_where_the_weights_are(name: str) -> None:
    file = load_model()
    model = onnx.load_model_from_string(file.tensors[f"graph.{name}"].tobytes())
    external = [weight for weight in model.graph.initializer if weight.data_location]
    listed = file.metadata[f"graph.{name}"].split()
    assert sorted(weight.name for weight in external) == sorted(
        f"model.{weight}" for weight in listed
    )
    for weight in listed:
        assert file.tensors[f"weights.{weight}"].dtype == "float16"
    assert f"the location `{LOCATION}`, are called `model.<name>`" in (
        DOCUMENT.replace("\n", " ")
    )


def test_the_limit_of_graphs_in_the_document_is_that_of_the_program() -> None:
    [megabytes] = re.findall(r"\| graph in a model file \| (\d+) MiB \|", DOCUMENT)
    assert int(megabytes) << 20 == MAX_GRAPH_BYTES
