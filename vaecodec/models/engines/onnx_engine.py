"""The engine that comes with the package: ONNX Runtime on the CPU.

A model file holds three graphs without weights, and the weights once, as float16;
each graph is given the weights that it names when it is first needed, so that
decompressing never loads the analysis transform.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.engine import CELL, PATCH
from vaecodec.models.checkerboard.scale_networks import QUALITIES
from vaecodec.models.engines.external_data import refuse_other_locations
from vaecodec.models.engines.sessions import (
    MOST_THREADS,
    Sessions,
    failure,
    load_library,
    open_session,
    session_options,
)
from vaecodec.models.model_file import ModelFile
from vaecodec.models.names import GRAPH, INITIALIZER, WEIGHT

if TYPE_CHECKING:
    import onnxruntime

NO_FOLDER = "session.model_external_initializers_file_folder_path"


class OnnxEngine:
    """Runs the graphs of a model file; may be shared between threads.

    Args:
        model: the file.
        threads: threads per call; None takes ONNX Runtime's choice, all cores.
        optimize: let ONNX Runtime rewrite the graphs for speed.
    """

    def __init__(
        self, model: ModelFile, *, threads: int | None = None, optimize: bool = True
    ) -> None:
        if threads is not None and not 1 <= threads <= MOST_THREADS:
            raise ValueError(f"{threads} threads, allowed 1..{MOST_THREADS}")
        self._model = model
        self._threads = threads or 0
        self._optimize = optimize
        offsets = take_tensor(
            model.tensors, "scale.offsets", np.int32, [2, QUALITIES, None]
        )
        rows = take_tensor(model.tensors, "hyper.indexes", np.uint8, [QUALITIES, None])
        self._latent_channels = offsets.shape[2]
        self._hyper_channels = rows.shape[1]
        self._sessions = Sessions(self._load)
        # Sessions refer to these and do not keep them alive.
        self._values: dict[str, onnxruntime.OrtValue] = {}

    def analyze(
        self, image: NDArray[np.uint8], *, quality: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
        """Image -> latent in steps, hyper-symbols; see `Engine`."""
        height, width = image.shape[:2]
        steps, hyper_symbols = self._run(
            "analysis",
            {"image": image, "quality": _scalar(quality)},
            (np.float32, (self._latent_channels, height // PATCH, width // PATCH)),
            (np.int16, (self._hyper_channels, height // CELL, width // CELL)),
        )
        return steps, hyper_symbols

    def means(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: int,
    ) -> NDArray[np.float32]:
        """Symbols -> means in steps; see `Engine`."""
        feeds = _symbols(hyper_symbols, latent_symbols, quality)
        [means] = self._run("means", feeds, (np.float32, latent_symbols.shape))
        return means

    def synthesize(
        self,
        hyper_symbols: NDArray[np.int16],
        latent_symbols: NDArray[np.int16],
        *,
        quality: int,
    ) -> NDArray[np.uint8]:
        """Symbols -> image; see `Engine`."""
        feeds = _symbols(hyper_symbols, latent_symbols, quality)
        rows, columns = hyper_symbols.shape[1:]
        shape = CELL * rows, CELL * columns, 3
        [image] = self._run("synthesis", feeds, (np.uint8, shape))
        return image

    def _run(
        self,
        name: str,
        feeds: dict[str, NDArray[Any]],
        *expected: tuple[DTypeLike, tuple[int, ...]],
    ) -> list[NDArray[Any]]:
        """Outputs of a graph, each with the dtype and shape expected of it."""
        session = self._sessions[name]
        try:
            outputs: list[NDArray[Any]] = session.run(None, feeds)
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise failure(name, error) from error
        found = [(output.dtype, output.shape) for output in outputs]
        if found != [(np.dtype(dtype), shape) for dtype, shape in expected]:
            raise ModelError(f"graph {name!r} puts out {found}, expected {expected}")
        if not all(np.isfinite(output).all() for output in outputs):
            raise ModelError(f"graph {name!r} puts out numbers that are not finite")
        return outputs

    def _load(self, name: str) -> onnxruntime.InferenceSession:
        graph = take_tensor(
            self._model.tensors, GRAPH + name, np.uint8, [None]
        ).tobytes()
        refuse_other_locations(graph)
        options = session_options(threads=self._threads)
        # No folder: weights that nobody hands over are not looked for anywhere.
        options.add_session_config_entry(NO_FOLDER, str(Path(__file__)))
        if not self._optimize:
            levels = load_library().GraphOptimizationLevel
            options.graph_optimization_level = levels.ORT_DISABLE_ALL
        names, values = self._weights(name)
        try:
            options.add_external_initializers(names, values)
            return open_session(graph, options)
        except Exception as error:
            raise failure(name, error) from error

    def _weights(self, graph: str) -> tuple[list[str], list[onnxruntime.OrtValue]]:
        """The initialisers that the metadata of a graph lists, as float32."""
        ort = load_library()
        if GRAPH + graph not in self._model.metadata:
            raise ModelError(f"the model does not list the weights of graph {graph!r}")
        names = self._model.metadata[GRAPH + graph].split()
        for name in names:
            if name not in self._values:
                if WEIGHT + name not in self._model.tensors:
                    raise ModelError(f"the model has no tensor {WEIGHT + name!r}")
                value = self._model.tensors[WEIGHT + name].astype(np.float32)
                self._values[name] = ort.OrtValue.ortvalue_from_numpy(value)
        return [INITIALIZER + name for name in names], [self._values[n] for n in names]


def _scalar(quality: int) -> NDArray[np.float32]:
    return np.array([quality], np.float32)


def _symbols(
    hyper_symbols: NDArray[np.int16], latent_symbols: NDArray[np.int16], quality: int
) -> dict[str, NDArray[Any]]:
    return {
        "hyper_symbols": hyper_symbols,
        "latent_symbols": latent_symbols,
        "quality": _scalar(quality),
    }
