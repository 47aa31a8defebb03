"""The engine for those who have PyTorch: the modules that were trained, run as such.

Does what `OnnxEngine` does (see `Engine`), without the graphs in the model file: a
second opinion on the export. The results of the two differ in the last digits of a
float, which the file format allows.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.checkerboard.networks.graphs import Analysis, Means, Synthesis
from vaecodec.models.checkerboard.networks.stored import from_file
from vaecodec.models.depth import Samples
from vaecodec.models.model_file import ModelFile
from vaecodec.models.quality import for_graphs


class TorchEngine:
    """Runs the float networks of a model file on the CPU.

    Raises:
        ModelError: The file does not hold a model of this kind.
    """

    def __init__(self, file: ModelFile) -> None:
        model = from_file(file)
        self._analysis = Analysis(model)
        self._means = Means(model)
        self._synthesis = Synthesis(model)

    @torch.inference_mode()
    def analyze(
        self, image: Samples | NDArray[np.float32], *, quality: Quality
    ) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
        """Image -> latent in steps, hyper-symbols; see `Engine`."""
        steps, hyper_symbols = self._analysis(torch.tensor(image), _map(quality))
        return steps.numpy(), hyper_symbols.numpy()

    @torch.inference_mode()
    def means(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.float32]:
        """Symbols -> means in steps; see `Engine`."""
        means: NDArray[np.float32] = self._means(
            torch.tensor(hyper_symbols), torch.tensor(latent_symbols), _map(quality)
        ).numpy()
        return means

    @torch.inference_mode()
    def synthesize(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.uint8]:
        """Symbols -> image; see `Engine`."""
        image: NDArray[np.uint8] = self._synthesis(
            torch.tensor(hyper_symbols), torch.tensor(latent_symbols), _map(quality)
        ).numpy()
        return image

    @torch.inference_mode()
    def levels(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.float32]:
        """Symbols -> image before it is rounded; see `Engine`."""
        levels: NDArray[np.float32] = self._synthesis.levels(
            torch.tensor(hyper_symbols), torch.tensor(latent_symbols), _map(quality)
        ).numpy()
        return levels[0].transpose(1, 2, 0)


def _map(quality: Quality) -> torch.Tensor:
    return torch.from_numpy(for_graphs(quality))
