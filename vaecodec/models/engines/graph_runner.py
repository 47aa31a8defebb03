"""The graphs of a model file, run by ONNX Runtime on the CPU.

A model file holds graphs without weights, and the weights once, as float16; each graph
is given the weights that it names when it is first needed, so that decompressing never
loads the analysis transform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.engines.external_data import refuse_other_locations
from vaecodec.models.engines.sessions import (
    Sessions,
    check_threads,
    failure,
    leave_as_it_is,
    load_library,
    open_session,
    session_options,
)
from vaecodec.models.model_file import ModelFile
from vaecodec.models.names import GRAPH, INITIALIZER, WEIGHT

if TYPE_CHECKING:
    import onnxruntime

Twins = Mapping[str, tuple[str, Callable[[bytes], bytes]]]

NO_FOLDER = "session.model_external_initializers_file_folder_path"


class GraphRunner:
    """Runs the graphs of a model file; may be shared between threads.

    Args:
        model: the file.
        threads: threads per call; None takes ONNX Runtime's choice, all cores.
        optimize: let ONNX Runtime rewrite the graphs for speed.
        twins: names of further graphs, each with that of the model's graph that it is
            made of, and how.
    """

    def __init__(
        self,
        model: ModelFile,
        *,
        threads: int | None = None,
        optimize: bool = True,
        twins: Twins = MappingProxyType({}),
    ) -> None:
        check_threads(threads)
        loader = _Loader(model, threads or 0, optimize, twins)
        self._sessions = Sessions(loader.load)

    def run(
        self,
        name: str,
        feeds: dict[str, NDArray[Any]],
        *expected: tuple[DTypeLike, tuple[int, ...]],
    ) -> list[NDArray[Any]]:
        """Outputs of a graph, each with the dtype and shape expected of it.

        Raises:
            ModelError: The graph cannot be run, or puts out something else.
        """
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


class _Loader:
    """Makes the sessions of a model.

    It does not refer to what runs them: a model that nobody uses any more takes its
    sessions with it, and does not wait for the garbage collector.
    """

    def __init__(
        self, model: ModelFile, threads: int, optimize: bool, twins: Twins
    ) -> None:
        self._model, self._threads, self._optimize = model, threads, optimize
        self._twins = twins
        # Sessions refer to these and do not keep them alive.
        self._values: dict[str, onnxruntime.OrtValue] = {}

    def load(self, name: str) -> onnxruntime.InferenceSession:
        """The session of a graph.

        Raises:
            ModelError: The model has no such graph, or none that can be run.
        """
        source, change = self._twins.get(name, (name, bytes))
        graph = take_tensor(
            self._model.tensors, GRAPH + source, np.uint8, [None]
        ).tobytes()
        refuse_other_locations(graph)
        options = session_options(threads=self._threads)
        # No folder: weights that nobody hands over are not looked for anywhere.
        options.add_session_config_entry(NO_FOLDER, str(Path(__file__)))
        if not self._optimize:
            leave_as_it_is(options)
        names, values = self._weights(source)
        graph = change(graph)
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
