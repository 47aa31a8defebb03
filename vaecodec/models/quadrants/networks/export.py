"""The sender's walk as an ONNX graph; the receiver has exact programs instead."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vaecodec.models.networks.onnx_export import Graph, export
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae


class Analysis(nn.Module):
    """Image uint8 [H, W, 3], quality -> latent in steps, hyper-latent.

    H and W are multiples of 64; quality is float32 [1, 1], or one for each latent
    position [h, w]. The latents are [M, h, w] and [Z, h / 4, w / 4].
    """

    def __init__(self, model: QuadrantVae) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, quality: Tensor) -> tuple[Tensor, Tensor]:
        steps, hyper_latent = self.model.latents(image, quality)
        return steps[0], hyper_latent[0]


def export_graphs(model: QuadrantVae) -> dict[str, Graph]:
    """The graph "analysis" of a model."""
    image = torch.zeros(128, 64, 3, dtype=torch.uint8)
    quality = torch.full((8, 4), 50.0)
    return {
        "analysis": export(
            Analysis(model),
            (image, quality),
            {
                "image": {0: "height", 1: "width"},
                "quality": {0: "quality_rows", 1: "quality_columns"},
            },
            {
                "latent_steps": {1: "rows", 2: "columns"},
                "hyper_latent": {1: "hyper_rows", 2: "hyper_columns"},
            },
        )
    }
