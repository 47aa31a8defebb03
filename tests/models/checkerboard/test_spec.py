"""SPEC.md and FORMAT.md describe the steps, graphs and ids that are really there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import onnx
import pytest

import vaecodec.format
import vaecodec.models.checkerboard
from vaecodec.models.checkerboard import parts
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.engines.external_data import MAX_GRAPH_BYTES
from vaecodec.models.library import load_model
from vaecodec.models.model_file import ARCHITECTURE, PAINTER, STREAM
from vaecodec.models.names import LOCATION
from vaecodec.models.registry import ARCHITECTURES


def document(package: Any, name: str) -> str:
    return Path(package.__file__).with_name(name).read_text("utf-8")


FORMAT = document(vaecodec.format, "FORMAT.md")
SPEC = document(vaecodec.models.checkerboard, "SPEC.md")
ROW = r"^\| `(\w+)` \| (input|output) \| `(\w+)` \| (\w+) `\[(.*)\]` \|$"
DTYPES = {
    onnx.TensorProto.UINT8: "U8",
    onnx.TensorProto.INT16: "I16",
    onnx.TensorProto.FLOAT: "F32",
}


def described() -> set[tuple[str, ...]]:
    """Graph, direction, name, dtype and number of axes of each row of the table."""
    rows = re.findall(ROW, SPEC, flags=re.M)
    return {(*row[:4], str(row[4].count(",") + 1)) for row in rows}


def real(name: str, graph: onnx.GraphProto) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
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
        FORMAT.replace("\n", " ")
    )


def test_the_limit_of_graphs_in_the_document_is_that_of_the_program() -> None:
    [megabytes] = re.findall(r"\| graph in a model file \| (\d+) MiB \|", FORMAT)
    assert int(megabytes) << 20 == MAX_GRAPH_BYTES


def test_the_document_lists_the_steps_of_the_architecture() -> None:
    steps = CheckerboardArchitecture(load_model()).steps
    listed = re.findall(r"^\| (\d) \| (.*?) \| (\d+) \| .* \|$", SPEC, flags=re.M)
    assert [(int(number), int(limit)) for number, _, limit in listed] == [
        (number, step.limit) for number, step in enumerate(steps)
    ]
    for (_, positions, _), step in zip(listed, steps, strict=True):
        assert step.name.split()[0] in positions


@pytest.mark.parametrize("name", ["standard", "psnr"])
def test_the_documents_say_how_far_the_painter_of_shipped_models_reaches(
    name: str,
) -> None:
    file = load_model(name)
    reach = CheckerboardArchitecture(file).grid.painter_reach
    names = " ".join(file.tensors)
    fine, coarse = (
        len(set(re.findall(rf"weights\.synthesis\.{part}\.\d+", names)))
        for part in ("fine", "coarse")
    )
    [factors] = re.findall(r"(\d+) f \+ (\d+) c \+ (\d+) pixels", SPEC)
    by_fine, by_coarse, means = map(int, factors)
    assert reach == by_fine * fine + by_coarse * coarse + means
    assert f"program is {reach}." in SPEC.replace("\n", " ")


def test_the_documents_name_what_the_ids_stand_for() -> None:
    for name in (ARCHITECTURE, STREAM, PAINTER):
        assert f"| `{name}` |" in FORMAT
    for name in ARCHITECTURES:
        assert f"`{name}` ([specification](../models/{name}/SPEC.md))" in FORMAT
    assert f"`{parts.SYNTHESIS}` and the tensors `weights.<name>`" in SPEC
    [prefixes] = re.findall(r"names begin with (.*)\.$", SPEC, flags=re.M)
    listed = tuple(re.findall(r"`(\w+\.)`", prefixes))
    file = load_model()
    named = sorted(name for name in file.tensors if name.startswith(listed))
    assert named == file.metadata[STREAM].split()
