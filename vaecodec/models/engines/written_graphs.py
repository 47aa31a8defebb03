"""Graphs that this program writes itself, run by ONNX Runtime on the CPU.

Each is written and loaded when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.models.engines.sessions import (
    Sessions,
    failure,
    open_session,
    session_options,
)

Arrays = Mapping[str, NDArray[Any]]


class WrittenGraphs:
    """Runs them; may be shared between threads.

    Args:
        writers: by name, what makes the bytes of each graph.
        threads: per call; None takes all cores.
    """

    def __init__(
        self, writers: Mapping[str, Callable[[], bytes]], *, threads: int | None
    ) -> None:
        self._sessions = Sessions(
            lambda name: open_session(
                writers[name](), session_options(threads=threads or 0)
            )
        )

    def run(self, name: str, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs of a graph by their names, in their order.

        Raises:
            ModelError: It cannot be run, or puts out numbers that are not finite.
        """
        session = self._sessions[name]
        try:
            outputs = session.run(None, dict(feeds))
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise failure(name, error) from error
        if not np.isfinite(outputs[0]).all():
            raise ModelError(f"graph {name!r} puts out numbers that are not finite")
        names = (output.name for output in session.get_outputs())
        return dict(zip(names, outputs, strict=True))
