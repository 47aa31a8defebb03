"""Networks as ONNX graphs without weights.

Weights are stored once, as tensors of the model file, and the graphs only name them:
each initialiser is marked as external and handed to ONNX Runtime at load time. What
remains of a graph is some ten kilobytes.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from vaecodec.models.names import INITIALIZER, LOCATION

if TYPE_CHECKING:
    import onnx

OPSET = 17
EXTERNAL = 1  # TensorProto.DataLocation


@dataclass(frozen=True)
class Graph:
    """A serialized graph and the weights it waits for, named as in `state_dict()`."""

    data: bytes
    weights: list[str]


def export(
    walk: nn.Module,
    example: tuple[Tensor, ...],
    inputs: dict[str, dict[int, str]],
    outputs: dict[str, dict[int, str]],
) -> Graph:
    """The graph of a walk.

    Args:
        walk: to export; its weights are named as in its `state_dict`, less "model.".
        example: what it can be called with.
        inputs: their names, with the names of the axes that may have any length.
        outputs: the same.
    """
    import onnx  # late: training imports this module too and needs no onnx

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The tracing exporter is called deprecated, but needs no further package
        # and takes a tenth of the time of its successor.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            walk.eval(),
            example,
            buffer,  # type: ignore[arg-type]  # only the other exporter wants a path
            dynamo=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={**inputs, **outputs},
        )
    graph = onnx.load_model_from_string(buffer.getvalue())
    names = _detach_weights(graph)
    return Graph(graph.SerializeToString(), names)


def _detach_weights(graph: onnx.ModelProto) -> list[str]:
    """Replace the values of all weights by a reference; return their names."""
    names = []
    for node in graph.graph.node:
        node.ClearField("doc_string")
    for weight in graph.graph.initializer:
        if weight.name.startswith(INITIALIZER):
            names.append(weight.name.removeprefix(INITIALIZER))
            length = len(weight.raw_data)
            weight.ClearField("raw_data")
            weight.data_location = EXTERNAL
            for key, value in (("location", LOCATION), ("length", str(length))):
                weight.external_data.add(key=key, value=value)
    return names
