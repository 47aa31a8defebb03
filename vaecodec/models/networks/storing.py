"""What all trained models store alike: float weights, graphs, frequency tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.entropy.frequency_tables import quantize_frequencies
from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.names import GRAPH, WEIGHT
from vaecodec.models.networks.onnx_export import Graph
from vaecodec.models.networks.table_fitting import Counts, fit
from vaecodec.models.networks.trainable import TrainableModel

Tensors = dict[str, NDArray[Any]]


def metadata_of(
    model: TrainableModel, graphs: Mapping[str, Graph], *, training_images: int
) -> dict[str, str]:
    """The entries of the metadata that come back with a model, or that graphs need."""
    weights = {GRAPH + name: " ".join(graph.weights) for name, graph in graphs.items()}
    return {
        "configuration": model.to_json(),
        "training_images": str(training_images),
        **weights,
    }


def graph_tensors(graphs: Mapping[str, Graph]) -> Tensors:
    """The bytes of graphs, by the names of their tensors."""
    return {
        GRAPH + name: np.frombuffer(graph.data, np.uint8)
        for name, graph in graphs.items()
    }


def table_tensors(counts: Counts) -> Tensors:
    """Frequency tables that are fitted to counts."""
    limits, frequencies = quantize_frequencies(fit(counts))
    return {"tables.limits": limits, "tables.frequencies": frequencies}


def half(name: str, values: Tensor) -> NDArray[np.float16]:
    """A float weight as files hold it.

    Raises:
        ModelError: It is too large for that.
    """
    found = values.half()
    if not found.isfinite().all():
        raise ModelError(f"weight {name!r} reaches {values.abs().max()}, too much")
    return np.ascontiguousarray(found.numpy())


def stored_half(
    tensors: Mapping[str, NDArray[Any]], name: str, shape: torch.Size
) -> Tensor:
    """Inverse of `half`, from the tensor of a file.

    Raises:
        ModelError: There is none of this shape.
    """
    stored = take_tensor(tensors, WEIGHT + name, np.float16, shape)
    return torch.from_numpy(stored.astype(np.float32))
