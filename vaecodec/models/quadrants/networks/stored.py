"""Trained model <-> the tensors and metadata of a model file.

A file holds each weight once: as integers in the exact programs of the receiver, as
float16 for the sender's networks and for curves over quality. Exponents, which say what
the integers are multiples of, let a model come back that can be trained further; the
codec does without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.exact.stored_program import pack_program
from vaecodec.models.model_file import ModelFile
from vaecodec.models.names import WEIGHT
from vaecodec.models.networks.exact_rounding import IntegerLayer, integers
from vaecodec.models.networks.layer_place import LayerPlace
from vaecodec.models.networks.storing import (
    graph_tensors,
    half,
    metadata_of,
    stored_half,
    table_tensors,
)
from vaecodec.models.networks.table_fitting import Counts
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.export import export_graphs
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.layer_places import layer_places
from vaecodec.models.quadrants.networks.painter import SUM_EXPONENT
from vaecodec.models.quadrants.networks.programs import (
    MIDDLE,
    bypass_order,
    programs,
)
from vaecodec.models.quadrants.networks.receiver_tables import receiver_tables
from vaecodec.models.quadrants.parts import parts

PARTS = ("weight", "bias")  # of a layer
EXPONENT = "exponent."  # before the names of tensors that only training asks for


def to_file(model: QuadrantVae, *, counts: Counts, training_images: int) -> bytes:
    """The bytes of a model file, with tables fitted to `counts`.

    `training_images` is the number of crops that the model has seen.

    Raises:
        ModelError: A sum could become too large to be exact.
    """
    graphs = export_graphs(model)
    metadata = metadata_of(model, graphs, training_images=training_images)
    tensors = receiver_tables(model)
    for name, program in programs(model).items():
        tensors |= pack_program(name, program)
    places = layer_places(model)
    whole = _integer_names(places)
    for name, values in model.state_dict().items():
        if _is_exponent(name):
            dtype = _exponent_dtype(name)
            tensors[EXPONENT + name] = integers(_as_exponent(name, values), dtype)
        elif name not in whole:
            tensors[WEIGHT + name] = half(name, values)
    for name, place in places.items():
        tensors[EXPONENT + name] = integers(place.integers().exponents, np.int8)
    tensors |= graph_tensors(graphs) | table_tensors(counts)
    return pack_compact(tensors, metadata | parts(tensors))


def from_file(file: ModelFile) -> QuadrantVae:
    """The model in a file, as exact as the file.

    Raises:
        ModelError: The configuration cannot be used, a weight is missing or does not
            fit it.
    """
    outline = _outline(file)
    places = layer_places(outline)
    whole = _integer_names(places)
    state = {}
    for name, empty in outline.state_dict().items():
        if _is_exponent(name):
            state[name] = _stored_exponent(file.tensors, name, empty)
        elif name not in whole:
            state[name] = stored_half(file.tensors, name, empty.shape)
    for place in places.values():
        for part in PARTS:
            like = getattr(place.layer, part)
            _check_size(file.tensors, f"{place.operation}.{part}", like)
    model = QuadrantVae(outline.configuration)
    model.load_state_dict(state, strict=False)  # integers follow
    for place in layer_places(model).values():
        _load_layer(place, file.tensors)
    return model.eval()


@torch.no_grad()
def _load_layer(place: LayerPlace, tensors: Mapping[str, NDArray[Any]]) -> None:
    layer = place.layer
    rows = len(layer.weight)
    exponents = take_tensor(tensors, EXPONENT + place.name, np.int8, [rows])
    weight = _integers(tensors, f"{place.operation}.weight", layer.weight)
    bias = _integers(tensors, f"{place.operation}.bias", layer.bias)
    if place.name == "painter.bypass":
        inverse = np.argsort(bypass_order())
        weight, bias = weight[inverse], bias[inverse] - MIDDLE / 2.0**SUM_EXPONENT
    found = IntegerLayer(
        weight.flatten(1), bias, torch.from_numpy(exponents.astype(np.float32))
    )
    weights, biases = found.reals(layer.input_units(place.exponent))
    layer.weight.copy_(weights.view_as(layer.weight))
    layer.bias.copy_(biases)


def _check_size(tensors: Mapping[str, NDArray[Any]], name: str, like: Tensor) -> None:
    if name not in tensors or tensors[name].size != like.numel():
        raise ModelError(f"the model has no tensor {name!r} of {like.numel()} numbers")


def _integers(tensors: Mapping[str, NDArray[Any]], name: str, like: Tensor) -> Tensor:
    values = tensors[name].astype(np.float32).reshape(like.shape)
    return torch.from_numpy(values)


def _integer_names(places: Iterable[str]) -> set[str]:
    """Weights that the programs hold, of layers with these names."""
    return {f"{name}.{part}" for name in places for part in PARTS}


def _exponent_dtype(name: str) -> type[np.integer[Any]]:
    return np.int16 if name.endswith("most") else np.int8


def _is_exponent(name: str) -> bool:
    """Whether it belongs to the receiver and says what integers stand for."""
    return name.endswith(("exponent", "stream", "painter.spread", "most"))


def _as_exponent(name: str, values: Tensor) -> Tensor:
    """Whole numbers: powers of two by their exponents."""
    if name.endswith("spread"):
        return torch.log2(values)
    return values


def _stored_exponent(
    tensors: Mapping[str, NDArray[Any]], name: str, empty: Tensor
) -> Tensor:
    dtype = _exponent_dtype(name)
    stored = take_tensor(tensors, EXPONENT + name, dtype, empty.shape)
    values = torch.from_numpy(stored.astype(np.float32))
    return torch.exp2(values) if name.endswith("spread") else values


def _outline(file: ModelFile) -> QuadrantVae:
    """A model that takes no memory, to compare sizes with."""
    try:
        configuration = Configuration.from_json(file.metadata.get("configuration", ""))
        with torch.device("meta"):
            return QuadrantVae(configuration)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"the model's configuration is of no use: {error}") from error
