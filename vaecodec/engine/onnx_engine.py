"""The engine that comes with the package: ONNX Runtime on the CPU.

A model file holds three graphs without weights, and the weights once, as float16;
each graph is given the weights that it names when it is first needed, so that
decompressing never loads the analysis transform.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.weights.model_file import ModelFile

if TYPE_CHECKING:
    import onnxruntime

GRAPH = "graph."
WEIGHT = "weights."
PREFIX = "model."  # of initialisers in a graph


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
        self._model = model
        self._threads = threads or 0
        self._optimize = optimize
        # Sessions refer to these and do not keep them alive.
        self._values: dict[str, onnxruntime.OrtValue] = {}

    def analyze(
        self, image: NDArray[np.uint8], *, quality: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
        """Image -> latent in steps, hyper-symbols; see `Engine`."""
        steps, hyper_symbols = self._analysis.run(
            None, {"image": image, "quality": _scalar(quality)}
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
        means: NDArray[np.float32] = self._means.run(None, feeds)[0]
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
        image: NDArray[np.uint8] = self._synthesis.run(None, feeds)[0]
        return image

    @functools.cached_property
    def _analysis(self) -> onnxruntime.InferenceSession:
        return self._session("analysis")

    @functools.cached_property
    def _means(self) -> onnxruntime.InferenceSession:
        return self._session("means")

    @functools.cached_property
    def _synthesis(self) -> onnxruntime.InferenceSession:
        return self._session("synthesis")

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        import onnxruntime as ort  # late: it takes longer than reading a header

        graph = self._model.tensors.get(GRAPH + name)
        if graph is None or graph.dtype != np.uint8:
            raise ModelError(f"the model has no graph {name!r}")
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 4  # what goes wrong is raised, not printed
        if not self._optimize:
            options.graph_optimization_level = (
                ort.GraphOptimizationLevel.ORT_DISABLE_ALL
            )
        try:
            options.add_external_initializers(*self._weights(name))
            return ort.InferenceSession(
                graph.tobytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise ModelError(f"graph {name!r} cannot be run: {error}") from error

    def _weights(self, graph: str) -> tuple[list[str], list[onnxruntime.OrtValue]]:
        """The initialisers that the metadata of a graph lists, as float32."""
        import onnxruntime as ort

        names = self._model.metadata[GRAPH + graph].split()
        for name in names:
            if name not in self._values:
                value = self._model.tensors[WEIGHT + name].astype(np.float32)
                self._values[name] = ort.OrtValue.ortvalue_from_numpy(value)
        return [PREFIX + name for name in names], [self._values[n] for n in names]


def _scalar(quality: int) -> NDArray[np.float32]:
    return np.array([quality], np.float32)


def _symbols(
    hyper_symbols: NDArray[np.int16], latent_symbols: NDArray[np.int16], quality: int
) -> dict[str, NDArray[np.generic]]:
    return {
        "hyper_symbols": hyper_symbols,
        "latent_symbols": latent_symbols,
        "quality": _scalar(quality),
    }
