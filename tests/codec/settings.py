"""Ways to run one model that must not differ: engines, precisions, integer networks.

In: a model file; out: a `CodecModel` for each setting by name. What only another
process can change is in `elsewhere.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tests.models.checkerboard.test_scale_networks import ReferenceNetworks
from vaecodec.codec.codec_model import CodecModel
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.models.architecture import Quality
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.checkerboard.board import Checkerboard
from vaecodec.models.checkerboard.networks import transforms
from vaecodec.models.checkerboard.networks.stored import from_file
from vaecodec.models.checkerboard.networks.torch_engine import TorchEngine
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.checkerboard.scale_networks import Features
from vaecodec.models.model_file import ModelFile
from vaecodec.models.networks import layers
from vaecodec.models.quality import for_graphs


class OtherTorchEngine:
    """The modules that were trained, in another number format or memory layout."""

    def __init__(
        self,
        file: ModelFile,
        *,
        dtype: torch.dtype = torch.float32,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self._model = from_file(file).to(dtype=dtype, memory_format=layout)
        self._dtype, self._layout = dtype, layout

    @torch.inference_mode()
    def analyze(self, image: NDArray[np.uint8], *, quality: Quality) -> tuple[Any, Any]:
        planes = self._batch(image.transpose(2, 0, 1)) / 255
        steps = self._model.latent_steps(planes, self._quality(quality))
        hyper_latent = self._model.hyper_analysis(steps)
        hyper_symbols = torch.floor(hyper_latent + 0.5).clamp(-31, 31)
        return steps[0].float().numpy(), hyper_symbols[0].to(torch.int16).numpy()

    @torch.inference_mode()
    def means(
        self, hyper_symbols: Any, latent_symbols: Any, *, quality: Quality
    ) -> Any:
        scalar = self._quality(quality)
        prior = self._model.hyper_synthesis(self._batch(hyper_symbols), scalar)
        means = self._model.means(prior, self._batch(latent_symbols), scalar)
        return means[0].float().contiguous().numpy()

    @torch.inference_mode()
    def synthesize(
        self, hyper_symbols: Any, latent_symbols: Any, *, quality: Quality
    ) -> Any:
        symbols = self._batch(hyper_symbols), self._batch(latent_symbols)
        image = self._model.reconstruct(*symbols, self._quality(quality))
        levels = torch.floor(image[0] * 255 + 0.5).clamp(0, 255)
        return levels.permute(1, 2, 0).to(torch.uint8).contiguous().numpy()

    def _batch(self, array: NDArray[Any]) -> Tensor:
        return torch.tensor(array)[None].to(self._dtype, memory_format=self._layout)

    def _quality(self, quality: Quality) -> Tensor:
        levels = torch.from_numpy(for_graphs(quality))[None].to(self._dtype)
        return self._model.rung(levels)


class BFloat16TrunkEngine(TorchEngine):
    """The networks beside the linear transform in bfloat16, as in training on a GPU."""

    def analyze(self, *args: Any, **options: Any) -> Any:
        with trunk_in_bfloat16():
            return super().analyze(*args, **options)

    def means(self, *args: Any, **options: Any) -> Any:
        with trunk_in_bfloat16():
            return super().means(*args, **options)

    def synthesize(self, *args: Any, **options: Any) -> Any:
        with trunk_in_bfloat16():
            return super().synthesize(*args, **options)


@contextmanager
def trunk_in_bfloat16() -> Iterator[None]:
    def autocast(*_: Any) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16)

    with (
        mock.patch.object(transforms, "trunk_in_bfloat16", autocast),
        mock.patch.object(layers, "in_bfloat16", autocast),
    ):
        yield


class Int64Networks(ReferenceNetworks):
    """The integer networks in integers, in the place of those in float64."""

    def features(self, hyper_symbols: Any, board: Checkerboard) -> Features:
        shape = board.height, board.width
        return Features(board, super().features(hyper_symbols, shape))

    def first_indexes(self, features: Features, quality: Quality) -> Any:
        indexes = self.first(features.shared, int(quality[0, 0]))
        return features.board.take(indexes.astype(np.uint8), 0)

    def second_indexes(self, features: Features, first: Any, quality: Quality) -> Any:
        board = features.board
        latent = np.zeros((2 * len(first), board.height, board.width), np.int16)
        board.put(first, 0, latent)
        indexes = self.second(features.shared, latent, int(quality[0, 0]))
        return board.take(indexes.astype(np.uint8), 1)


def onnx(*, threads: int = 1, optimize: bool = True) -> Callable[..., CodecModel]:
    return with_engine(OnnxEngine, threads=threads, optimize=optimize)


def with_engine(
    engine: Callable[..., Any], **options: Any
) -> Callable[..., CodecModel]:
    def make(file: ModelFile) -> CodecModel:
        made = CheckerboardArchitecture(file, engine=engine(file, **options))
        return CodecModel(file, architecture=made)

    return make


def with_int64_networks(file: ModelFile) -> CodecModel:
    architecture = CheckerboardArchitecture(file)
    architecture._networks = Int64Networks(file.tensors)  # type: ignore[assignment]
    return CodecModel(file, architecture=architecture)


def with_python_coder(file: ModelFile) -> CodecModel:
    return CodecModel(file, coder=PythonCoder)


BASE = onnx()
SETTINGS: dict[str, Callable[[ModelFile], CodecModel]] = {
    "ONNX Runtime, 2 threads": onnx(threads=2),
    "ONNX Runtime, graphs not optimised": onnx(optimize=False),
    "ONNX Runtime, not optimised, 2 threads": onnx(threads=2, optimize=False),
    "PyTorch float32": with_engine(TorchEngine),
    "PyTorch float32, channels last": with_engine(
        OtherTorchEngine, layout=torch.channels_last
    ),
    "PyTorch float64": with_engine(OtherTorchEngine, dtype=torch.float64),
    "PyTorch bfloat16 trunk": with_engine(BFloat16TrunkEngine),
    "integer networks in int64": with_int64_networks,
    "entropy coder in plain Python": with_python_coder,
}
# These have the engine of the first setting: they write the same bytes as well.
EXACT = {"integer networks in int64", "entropy coder in plain Python"}
ROUGH = {"PyTorch bfloat16 trunk"}  # of these no pixels are promised
