"""The engine of the package: ONNX Runtime on the graphs of a model file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.models.architecture import QUALITIES, Quality
from vaecodec.models.checkerboard.preview import image_channels
from vaecodec.models.depth import Samples
from vaecodec.models.engines.deep_graphs import (
    ANALYSIS,
    DEEP_ANALYSIS,
    given_levels,
    with_levels,
)
from vaecodec.models.engines.graph_runner import GraphRunner
from vaecodec.models.model_file import ModelFile
from vaecodec.models.quality import for_graphs
from vaecodec.models.sizes import CELL, PATCH

DEEP_SYNTHESIS = "deep synthesis"


class OnnxEngine:
    """Runs the float networks of a model file; may be shared between threads.

    Args:
        model: the file.
        threads: threads per call; None takes ONNX Runtime's choice, all cores.
        optimize: let ONNX Runtime rewrite the graphs for speed.
    """

    def __init__(
        self, model: ModelFile, *, threads: int | None = None, optimize: bool = True
    ) -> None:
        self._graphs = GraphRunner(
            model,
            threads=threads,
            optimize=optimize,
            twins={
                DEEP_ANALYSIS: (ANALYSIS, given_levels),
                DEEP_SYNTHESIS: ("synthesis", with_levels),
            },
        )
        offsets = take_tensor(
            model.tensors, "scale.offsets", np.int32, [2, QUALITIES, None]
        )
        rows = take_tensor(model.tensors, "hyper.indexes", np.uint8, [QUALITIES, None])
        self._tensors = model.tensors
        self._latent_channels = offsets.shape[2]
        self._hyper_channels = rows.shape[1]

    def analyze(
        self, image: Samples | NDArray[np.float32], *, quality: Quality
    ) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
        """Image -> latent in steps, hyper-symbols; see `Engine`."""
        height, width = image.shape[:2]
        steps, hyper_symbols = self._graphs.run(
            ANALYSIS if image.dtype == np.uint8 else DEEP_ANALYSIS,
            {"image": image, "quality": for_graphs(quality)},
            (np.float32, (self._latent_channels, height // PATCH, width // PATCH)),
            (np.int16, (self._hyper_channels, height // CELL, width // CELL)),
        )
        return steps, hyper_symbols

    def means(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.float32]:
        """Symbols -> means in steps; see `Engine`."""
        feeds = _symbols(hyper_symbols, latent_symbols, quality)
        [means] = self._graphs.run("means", feeds, (np.float32, latent_symbols.shape))
        return means

    def synthesize(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.uint8]:
        """Symbols -> image; see `Engine`."""
        feeds = _symbols(hyper_symbols, latent_symbols, quality)
        shape = *_size(hyper_symbols), image_channels(self._tensors)
        [image] = self._graphs.run("synthesis", feeds, (np.uint8, shape))
        return image

    def levels(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: Quality,
    ) -> NDArray[np.float32]:
        """Symbols -> image before it is rounded; see `Engine`."""
        feeds = _symbols(hyper_symbols, latent_symbols, quality)
        height, width = _size(hyper_symbols)
        channels = image_channels(self._tensors)
        _, flat = self._graphs.run(
            DEEP_SYNTHESIS,
            feeds,
            (np.uint8, (height, width, channels)),
            (np.float32, (1, channels * height * width)),
        )
        return flat.reshape(channels, height, width).transpose(1, 2, 0)


def _size(hyper_symbols: NDArray[np.int16]) -> tuple[int, int]:
    """Height and width of the image, in pixels."""
    rows, columns = hyper_symbols.shape[1:]
    return CELL * rows, CELL * columns


def _symbols(
    hyper_symbols: NDArray[np.int16],
    latent_symbols: NDArray[np.int16],
    quality: Quality,
) -> dict[str, NDArray[Any]]:
    return {
        "hyper_symbols": hyper_symbols,
        "latent_symbols": latent_symbols,
        "quality": for_graphs(quality),
    }
