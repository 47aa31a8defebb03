"""Trained model <-> the tensors and metadata of a model file.

A file holds each weight once: as float16 for the float networks (the graphs refer to
them), as integers for the scale networks. From it a model comes back that can run on
PyTorch or be trained further.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES
from vaecodec.models.checkerboard.known_answer import TENSOR as KNOWN_ANSWER
from vaecodec.models.checkerboard.known_answer import known_answer
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.export import export_graphs
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.integerize import (
    BIAS_BITS,
    WEIGHT_BITS,
    integer_tensors,
)
from vaecodec.models.checkerboard.parts import parts
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.model_file import ModelFile, pack_model
from vaecodec.models.names import WEIGHT
from vaecodec.models.networks.storing import (
    graph_tensors,
    half,
    metadata_of,
    stored_half,
    table_tensors,
)
from vaecodec.models.networks.table_fitting import Counts


def to_file(model: HierarchicalVae, *, counts: Counts, training_images: int) -> bytes:
    """The bytes of a model file, with tables fitted to `counts`.

    `training_images` is the number of crops that the model has seen.
    """
    graphs = export_graphs(model)
    metadata = metadata_of(model, graphs, training_images=training_images)
    tensors = integer_tensors(model)
    tensors[KNOWN_ANSWER] = known_answer(ScaleNetworks(tensors))
    for name, values in model.state_dict().items():
        if _is_float_weight(name):
            tensors[WEIGHT + name] = half(name, values)
    tensors |= graph_tensors(graphs) | table_tensors(counts)
    tensors["quantizer.error_weights"] = _error_weights(model)
    # A hyper-symbol must have a table that can code it.
    lowest = int(np.argmax(tensors["tables.limits"] > 0))
    np.maximum(tensors["hyper.indexes"], lowest, out=tensors["hyper.indexes"])
    return pack_model(tensors, metadata | parts(tensors, metadata))


def from_file(file: ModelFile) -> HierarchicalVae:
    """Inverse of `to_file`, up to the rounding of the weights.

    Raises:
        ModelError: The configuration cannot be used, a weight is missing or does not
            fit it, or there is one too many.
    """
    model = _empty_model(file)
    state = {
        name: _stored_weight(file.tensors, name, empty.shape)
        for name, empty in model.state_dict().items()
    }
    known = {WEIGHT + name for name in state}
    for name in file.tensors:
        if name.startswith(WEIGHT) and name not in known:
            raise ModelError(f"the model has an unexpected tensor {name!r}")
    model.load_state_dict(state, assign=True)
    return model.eval()


@torch.no_grad()
def _error_weights(model: HierarchicalVae) -> NDArray[np.float32]:
    """Bits that a squared error of one step is worth, float32 [101, M]."""
    quality = model.rung(torch.arange(QUALITIES, dtype=torch.float32))
    weights = model.error_weight(quality).flatten(1)  # [101, M, 1, 1] -> [101, M]
    return np.ascontiguousarray(weights.numpy())


def _is_float_weight(name: str) -> bool:
    """Whether a weight is not one of those that a file holds as integers."""
    return not name.startswith("scale.") or name.endswith(".knots")


def _empty_model(file: ModelFile) -> HierarchicalVae:
    """A model that takes no memory until its weights are known to fit."""
    try:
        configuration = Configuration.from_json(file.metadata.get("configuration", ""))
        with torch.device("meta"):
            return HierarchicalVae(configuration)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"the model's configuration is of no use: {error}") from error


def _stored_weight(
    tensors: Mapping[str, NDArray[Any]], name: str, shape: torch.Size
) -> Tensor:
    if _is_float_weight(name):
        return stored_half(tensors, name, shape)
    is_weight = name.endswith(".weight")
    bits, dtype = (WEIGHT_BITS, np.int16) if is_weight else (BIAS_BITS, np.int32)
    squeezed = [size for size in shape if size > 1]  # [out, in] of [out, in, 1, 1]
    integers = take_tensor(tensors, name, dtype, squeezed)
    values = (integers.astype(np.float64) / 2.0**bits).astype(np.float32)
    return torch.from_numpy(values).reshape(shape)
