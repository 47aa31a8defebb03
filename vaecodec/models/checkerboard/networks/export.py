"""The three walks of this architecture as ONNX graphs."""

from __future__ import annotations

import torch

from vaecodec.models.checkerboard.networks.graphs import Analysis, Means, Synthesis
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.networks.onnx_export import Graph, export

_IMAGE = {0: "height", 1: "width"}
_HYPER = {1: "hyper_rows", 2: "hyper_columns"}
_LATENT = {1: "rows", 2: "columns"}
_QUALITY = {0: "quality_rows", 1: "quality_columns"}  # those of the latent, or 1


def export_graphs(model: HierarchicalVae) -> dict[str, Graph]:
    """The graphs "analysis", "means" and "synthesis" of a model."""
    configuration = model.configuration
    image = torch.zeros(128, 64, configuration.channels, dtype=torch.uint8)
    hyper = torch.zeros(configuration.hyper_channels, 2, 1, dtype=torch.int16)
    latent = torch.zeros(configuration.latent_channels, 8, 4, dtype=torch.int16)
    quality = torch.full(latent.shape[1:], 50.0)
    symbols = {"hyper_symbols": _HYPER, "latent_symbols": _LATENT, "quality": _QUALITY}
    return {
        "analysis": export(
            Analysis(model),
            (image, quality),
            {"image": _IMAGE, "quality": _QUALITY},
            {"latent_steps": _LATENT, "hyper_symbols": _HYPER},
        ),
        "means": export(
            Means(model), (hyper, latent, quality), symbols, {"means": _LATENT}
        ),
        "synthesis": export(
            Synthesis(model), (hyper, latent, quality), symbols, {"image": _IMAGE}
        ),
    }
