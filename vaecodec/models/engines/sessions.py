"""Sessions of ONNX Runtime that a fork cannot break, and how they are made.

A process may fork at any time. A child has none of the threads of its parent's
sessions: it would hang or crash as soon as it used or dropped one. So sessions are
given up before a fork, and each side makes its own when it needs them again.

Since 1.29 ONNX Runtime reports its use over the network unless it is told not to before
it is loaded. It is told not to: the codec is silent.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vaecodec.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

MOST_THREADS = 1024  # of a session
# What ONNX Runtime says when memory is short, which is no fault of the model.
NO_MEMORY = ("Failed to allocate memory", "bad_alloc")
NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"  # an environment variable

_LOCK = threading.Lock()  # of what all of them have loaded
_ALL: weakref.WeakSet[Sessions] = weakref.WeakSet()


class Sessions:
    """Sessions by name, each made when it is first needed; threads may share them.

    Args:
        load: makes the session of a name.
    """

    def __init__(self, load: Callable[[str], onnxruntime.InferenceSession]) -> None:
        self._load = load
        self._loaded: dict[str, onnxruntime.InferenceSession] = {}
        with _LOCK:
            _ALL.add(self)

    def __getitem__(self, name: str) -> onnxruntime.InferenceSession:
        with _LOCK:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def give_up(self) -> None:
        """Drop what is loaded; it is loaded again when it is next needed."""
        self._loaded.clear()


def check_threads(threads: int | None) -> None:
    """Refuse a number of threads that nothing can work with; None is any.

    Raises:
        ValueError: Less than 1, or more than `MOST_THREADS`.
    """
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"{threads} threads, allowed 1..{MOST_THREADS}")


def load_library() -> Any:
    """The library, loaded late: that takes longer than reading a header."""
    os.environ.setdefault(NO_TELEMETRY, "1")
    import onnxruntime

    return onnxruntime


def session_options(*, threads: int) -> onnxruntime.SessionOptions:
    """What all sessions ask for; 0 threads are as many as there are cores."""
    options = load_library().SessionOptions()
    options.intra_op_num_threads = threads
    # Windows have many shapes, and memory planned for each would be kept.
    options.enable_mem_pattern = False
    options.log_severity_level = 4  # what goes wrong is raised, not printed
    # Waiting threads would spin, for each graph in a pool of its own, and take the
    # processor from those that work: twice the time for small images.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def leave_as_it_is(options: onnxruntime.SessionOptions) -> None:
    """Ask for a graph that is run node by node, as it was written."""
    levels = load_library().GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_DISABLE_ALL


def open_session(
    graph: bytes, options: onnxruntime.SessionOptions
) -> onnxruntime.InferenceSession:
    """A session that runs a graph; raises what ONNX Runtime raises."""
    return load_library().InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        enable_fallback=0,  # It prints to standard output, then tries again.
    )


def failure(graph: str, error: Exception) -> Exception:
    """What an error of ONNX Runtime means; its errors share no base of their own."""
    reason = str(error).partition("\n")[0]
    if any(words in reason for words in NO_MEMORY):
        return MemoryError(reason)
    return ModelError(f"graph {graph!r} cannot be run: {reason}")


def _before_fork() -> None:
    _LOCK.acquire()  # Nothing may be half loaded while memory is copied.
    for sessions in _ALL:
        sessions.give_up()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_LOCK.release,
        after_in_child=_LOCK.release,
    )
