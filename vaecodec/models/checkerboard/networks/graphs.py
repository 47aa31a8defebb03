"""The three float walks that engines run, with their numbers as files know them.

Images are uint8 [H, W, C] with H and W multiples of 64 (the analysis takes levels as
well, float32), symbols int16 [channels, rows, columns], means and latents float32 in
quantisation steps. Quality is float32 [1, 1], or one for each latent position [h, w].
The same modules are exported to ONNX and run by the PyTorch engine, so the two
cannot differ by more than rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.sizes import HYPER_LIMIT


class Analysis(nn.Module):
    """Image, quality -> latent in steps [M, h, w], hyper-symbols [Z, h/4, w/4]."""

    def __init__(self, model: HierarchicalVae) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, quality: Tensor) -> tuple[Tensor, Tensor]:
        steps, hyper_latent = self.model.latents(image, quality)
        symbols = torch.floor(hyper_latent + 0.5).clamp(-HYPER_LIMIT, HYPER_LIMIT)
        return steps.flatten(0, 1), symbols.to(torch.int16).flatten(0, 1)


class Means(nn.Module):
    """Hyper-symbols, first-group symbols, quality -> means in steps [M, h, w].

    The first group's means do not depend on the latent symbols.
    """

    def __init__(self, model: HierarchicalVae) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, hyper_symbols: Tensor, latent_symbols: Tensor, quality: Tensor
    ) -> Tensor:
        rung = self.model.rung(quality[None])
        prior = self.model.hyper_synthesis(hyper_symbols[None].float(), rung)
        return self.model.means(prior, latent_symbols[None].float(), rung).flatten(0, 1)


class Synthesis(nn.Module):
    """Hyper-symbols, latent symbols, quality -> image."""

    def __init__(self, model: HierarchicalVae) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, hyper_symbols: Tensor, latent_symbols: Tensor, quality: Tensor
    ) -> Tensor:
        levels = self.levels(hyper_symbols, latent_symbols, quality)
        # Of numbers that are not negative, the conversion takes the integer below.
        image = (levels + 0.5).clamp(0, 255).to(torch.uint8)
        return image.permute(0, 2, 3, 1).flatten(0, 1)  # [1, C, H, W] -> [H, W, C]

    def levels(
        self, hyper_symbols: Tensor, latent_symbols: Tensor, quality: Tensor
    ) -> Tensor:
        """The image before it is rounded, [1, C, H, W]."""
        rung = self.model.rung(quality[None])
        image = self.model.reconstruct(
            hyper_symbols[None].float(), latent_symbols[None].float(), rung
        )
        return image * 255
