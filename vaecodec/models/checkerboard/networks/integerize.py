"""The trained scale networks -> the integers that choose frequency tables.

Weights get 12 fractional bits, biases and offsets 20, activations 8 (SPEC.md,
section 2); at that resolution rounding after training costs nothing measurable, so
no training with rounded weights is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vaecodec.entropy.frequency_tables import ROWS
from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.scale_networks import magnitude_feature
from vaecodec.models.checkerboard.scale_networks import MAGNITUDES
from vaecodec.models.networks.likelihoods import (
    LOG_MINIMUM,
    SCALE_STEP,
    bound_scales,
)

ACTIVATION_BITS = 8
WEIGHT_BITS = 12
BIAS_BITS = ACTIVATION_BITS + WEIGHT_BITS


@torch.no_grad()
def integer_tensors(model: HierarchicalVae) -> dict[str, NDArray[Any]]:
    """The tensors `scale.*` and `hyper.indexes` of a model file.

    Raises:
        ModelError: A weight lies outside the range of its integer.
    """
    scale = model.scale
    tensors: dict[str, NDArray[Any]] = {}
    for name, layer in scale.named_children():
        if isinstance(layer, nn.Conv2d):
            weight = layer.weight.squeeze()  # [out, in] or [channels, k, k]
            tensors[f"scale.{name}.weight"] = _fixed(weight, WEIGHT_BITS, np.int16)
            assert layer.bias is not None
            tensors[f"scale.{name}.bias"] = _fixed(layer.bias, BIAS_BITS, np.int32)
    magnitudes = magnitude_feature(torch.arange(MAGNITUDES))
    tensors["scale.magnitudes"] = _fixed(magnitudes, ACTIVATION_BITS, np.int16)
    quality = model.rung(torch.arange(QUALITIES, dtype=torch.float32))
    offsets = [
        curve(quality).flatten(1) - LOG_MINIMUM  # [101, M, 1, 1] -> [101, M]
        for curve in (scale.offset_first, scale.offset_second)
    ]
    tensors["scale.offsets"] = _fixed(torch.stack(offsets), BIAS_BITS, np.int32)
    # [101, Z, 1, 1] -> [101, Z]
    hyper_scales = bound_scales(model.hyper_log_scale(quality).flatten(1))
    tensors["hyper.indexes"] = scale_indexes(hyper_scales).numpy().astype(np.uint8)
    return tensors


def scale_indexes(log_scales: Tensor) -> Tensor:
    """The nearest rows of the scale table, 0..63; `log_scales` in nats."""
    indexes = torch.floor((log_scales - LOG_MINIMUM) / SCALE_STEP + 0.5)
    return indexes.clamp(0, ROWS - 1).long()


def _fixed(values: Tensor, bits: int, dtype: type[np.integer[Any]]) -> NDArray[Any]:
    scaled = np.floor(values.double().numpy() * 2.0**bits + 0.5)
    limits = np.iinfo(dtype)
    if not (limits.min <= scaled.min() and scaled.max() <= limits.max):  # nor NaN
        reach = np.abs(scaled).max() / 2.0**bits
        raise ModelError(
            f"a weight of the scale networks is {reach}, allowed are "
            f"{bits} fractional bits in {dtype.__name__}"
        )
    return scaled.astype(dtype)
