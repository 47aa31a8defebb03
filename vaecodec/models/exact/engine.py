"""Runs exact programs: in the fastest arithmetic that is right on this machine.

In come integers, out come integers, by ONNX Runtime with 8-bit kernels, else with
float32, else by the reference in numpy. Which it is, the known answer decides.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.engines.sessions import (
    Sessions,
    failure,
    open_session,
    session_options,
)
from vaecodec.models.exact import reference
from vaecodec.models.exact.feeds import (
    Feeds,
    Quality,
    check_feeds,
    position_qualities,
)
from vaecodec.models.exact.known_answer import known_answer
from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_graph import (
    OUTPUT_DTYPES,
    graph_input,
    quality_input,
    write_graph,
)
from vaecodec.models.exact.onnx_int8 import Int8Arithmetic
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.stored_program import answer_name, parse_program

if TYPE_CHECKING:
    import onnxruntime

ARITHMETICS = {"int8": Int8Arithmetic, "float": FloatArithmetic}
REFERENCE = "numpy"
# Rewriting of what looks like a float graph with quantised values between its nodes.
NO_REWRITING = "session.disable_quant_qdq"

Outputs = Mapping[str, NDArray[Any]]


class ExactEngine:
    """Runs one program; may be shared between threads.

    Args:
        program: what to compute.
        answer: its known answer, uint8 [4].
        threads: threads per call; None takes ONNX Runtime's choice, all cores.
    """

    def __init__(
        self,
        program: Program,
        answer: NDArray[np.uint8],
        *,
        threads: int | None = None,
    ) -> None:
        self._program, self._answer = program, answer
        self._sessions = Sessions(functools.partial(_load, program, threads or 0))

    @classmethod
    def from_tensors(
        cls,
        name: str,
        tensors: Mapping[str, NDArray[Any]],
        *,
        threads: int | None = None,
    ) -> ExactEngine:
        """The engine of a program in a model file.

        Raises:
            ModelError: The program or its answer is missing or malformed.
        """
        answer = take_tensor(tensors, answer_name(name), np.uint8, [4])
        return cls(
            parse_program(name, tensors), answer.astype(np.uint8), threads=threads
        )

    @functools.cached_property
    def arithmetic(self) -> str:
        """Name of the arithmetic in use: int8, float or numpy.

        Raises:
            ModelError: Even the reference gives another answer.
        """
        for name in (*ARITHMETICS, REFERENCE):
            if self._answers_right(name):
                return name
        raise ModelError(
            "this machine cannot exchange files with others, or the model is damaged: "
            "the known answer of an exact program is another one"
        )

    def run(self, feeds: Feeds, quality: Quality | None = None) -> Outputs:
        """Outputs of the program by name, [C, h, w].

        They are uint8 or int8 if narrow, else int32, and views of memory in the order
        [h, w, C].

        Args:
            feeds: its inputs, integers [C, h, w] within their ranges; h and w cover
                whole cells of the program.
            quality: for programs with gains.

        Raises:
            ModelError: No arithmetic gives the known answer.
        """
        check_feeds(self._program, feeds, quality)
        return self._run(self.arithmetic, feeds, quality)

    def _answers_right(self, arithmetic: str) -> bool:
        run = functools.partial(self._run, arithmetic)
        try:
            found = known_answer(self._program, run)
        except ModelError:  # such operators are unknown here
            return False
        return np.array_equal(found, self._answer)

    def _run(self, arithmetic: str, feeds: Feeds, quality: Quality | None) -> Outputs:
        if arithmetic == REFERENCE:
            return self._outputs(reference.run(self._program, feeds, quality))
        given: dict[str, NDArray[Any]]
        given = {graph_input(n): np.asarray(v, np.int32) for n, v in feeds.items()}
        if quality is not None:
            for pixels in self._program.gain_pixels:
                given[quality_input(pixels)] = position_qualities(quality, pixels)
        try:
            found = self._sessions[arithmetic].run(None, given)
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise failure(arithmetic, error) from error
        planes = (values[0].transpose(2, 0, 1) for values in found)
        return dict(zip(self._program.outputs, planes, strict=True))

    def _outputs(self, values: Outputs) -> Outputs:
        """Those of the reference, as the graphs put them out."""
        planes = {}
        for name, value in values.items():
            dtype = OUTPUT_DTYPES[self._program.facts[name].kind]
            channels_last = value.transpose(1, 2, 0).astype(dtype, order="C")
            planes[name] = channels_last.transpose(2, 0, 1)
        return planes


def _load(
    program: Program, threads: int, arithmetic: str
) -> onnxruntime.InferenceSession:
    options = session_options(threads=threads)
    options.add_session_config_entry(NO_REWRITING, "1")
    try:
        return open_session(write_graph(program, ARITHMETICS[arithmetic]), options)
    except Exception as error:
        raise failure(arithmetic, error) from error
