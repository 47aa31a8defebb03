"""Runs an exact program in ONNX Runtime, in one of the kinds of arithmetic."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.engines.sessions import (
    Sessions,
    failure,
    leave_as_it_is,
    open_session,
    session_options,
)
from vaecodec.models.exact.feeds import Feeds, Outputs
from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_graph import quality_input, write_graph
from vaecodec.models.exact.program import Program
from vaecodec.models.quality import at_positions

if TYPE_CHECKING:
    import onnxruntime

# Rewriting of what looks like a float graph with quantised values between its nodes.
NO_REWRITING = "session.disable_quant_qdq"


class OnnxProgram:
    """Runs one program in one kind of arithmetic; threads may share it.

    Args:
        program: what to compute.
        arithmetic: how.
        threads: threads per call; 0 are as many as there are cores.
    """

    def __init__(
        self, program: Program, arithmetic: type[FloatArithmetic], *, threads: int
    ) -> None:
        self._program, self._arithmetic = program, arithmetic
        self._name = arithmetic.__name__
        load = functools.partial(_load, program, arithmetic, threads)
        self._sessions = Sessions(load)

    def run(self, feeds: Feeds, quality: Quality | None = None) -> Outputs:
        """Outputs of the program by name, [C, h, w], for feeds that were checked.

        They are views of memory in the order [h, w, C].

        Raises:
            ModelError: ONNX Runtime cannot run the program.
        """
        session = self._sessions[self._name]
        given = graph_feeds(self._program, self._arithmetic, feeds, quality)
        try:
            found = session.run(None, given)
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise failure(self._name, error) from error
        planes = (values[0].transpose(2, 0, 1) for values in found)
        return dict(zip(self._program.outputs, planes, strict=True))


def graph_feeds(
    program: Program,
    arithmetic: type[FloatArithmetic],
    feeds: Feeds,
    quality: Quality | None,
) -> dict[str, NDArray[Any]]:
    """What the graph of a program is given; no copy of what another one put out."""
    given: dict[str, NDArray[Any]] = {}
    for name, feed in feeds.items():
        channels_last = feed.transpose(1, 2, 0)[None]
        given[name] = arithmetic.held(channels_last, program.facts[name].kind)
    if quality is not None:
        for pixels in program.gain_pixels:
            positions = at_positions(quality, pixels)
            given[quality_input(pixels)] = positions.astype(np.int64)
    return given


def _load(
    program: Program, arithmetic: type[FloatArithmetic], threads: int, name: str
) -> onnxruntime.InferenceSession:
    options = session_options(threads=threads)
    options.add_session_config_entry(NO_REWRITING, "1")
    if not arithmetic.optimized:
        leave_as_it_is(options)
    try:
        return open_session(write_graph(program, arithmetic), options)
    except Exception as error:
        raise failure(name, error) from error
