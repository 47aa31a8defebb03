"""Runs exact programs: in the fastest arithmetic that is right on this machine.

In come integers, out come integers, by ONNX Runtime with 8-bit kernels, else with
float32, else by the reference in numpy. Which it is, two questions decide: the known
answer of the model, and a small program at the limits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.architecture import Quality
from vaecodec.models.exact import reference
from vaecodec.models.exact.extremes import EXTREME_ANSWER, extreme_program
from vaecodec.models.exact.feeds import Feeds, Outputs, check_feeds
from vaecodec.models.exact.known_answer import known_answer
from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_graph import DTYPES
from vaecodec.models.exact.onnx_int8 import Int8Arithmetic
from vaecodec.models.exact.onnx_program import OnnxProgram
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.stored_program import answer_name, parse_program

ARITHMETICS = {"int8": Int8Arithmetic, "float": FloatArithmetic}
REFERENCE = "numpy"

Run = Callable[[Feeds, Quality | None], Outputs]


class ExactEngine:
    """Runs one program; may be shared between threads.

    Args:
        program: what to compute.
        answer: its known answer, uint8 [4].
        threads: threads per call; None takes ONNX Runtime's choice, all cores.

    Attributes:
        program: as given.
    """

    def __init__(
        self,
        program: Program,
        answer: NDArray[np.uint8],
        *,
        threads: int | None = None,
    ) -> None:
        self.program = program
        self._answer, self._threads = answer, threads or 0

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
        program = parse_program(name, tensors)
        return cls(program, answer.astype(np.uint8), threads=threads)

    def twin(self, program: Program) -> ExactEngine:
        """An engine of a program with the same operations, but other outputs.

        It has no known answer, and takes the arithmetic that gives that of this one.

        Raises:
            ModelError: No arithmetic does.
        """
        twin = ExactEngine(program, self._answer, threads=self._threads)
        twin._choice = self.arithmetic, twin._runner(self.arithmetic)
        return twin

    @property
    def arithmetic(self) -> str:
        """Name of the arithmetic in use: int8, float or numpy.

        Raises:
            ModelError: Even the reference gives another answer.
        """
        return self._choice[0]

    def run(self, feeds: Feeds, quality: Quality | None = None) -> Outputs:
        """Outputs of the program by name, [C, h, w].

        They are uint8 or int8 if narrow, else float32, and views of memory in the order
        [h, w, C]. Feeds of these types and this order are passed on without a copy.

        Args:
            feeds: its inputs, integers [C, h, w]; h and w cover whole cells of the
                program. That they are within their ranges is up to the caller: what
                lies beyond may give other numbers on other machines.
            quality: for programs with gains.

        Raises:
            ModelError: No arithmetic gives the known answer.
            ValueError: The feeds are not the inputs of the program.
        """
        check_feeds(self.program, feeds, quality)
        return self._choice[1](feeds, quality)

    @functools.cached_property
    def _choice(self) -> tuple[str, Run]:
        for name, arithmetic in ARITHMETICS.items():
            run = self._runner(name)
            if self._is_right(run) and _is_right_at_limits(arithmetic):
                return name, run
        if self._is_right(run := self._runner(REFERENCE)):
            return REFERENCE, run
        raise ModelError(
            "this machine cannot exchange files with others, or the model is damaged: "
            "the known answer of an exact program is another one"
        )

    def _runner(self, arithmetic: str) -> Run:
        if arithmetic == REFERENCE:
            return self._refer
        kind = ARITHMETICS[arithmetic]
        return OnnxProgram(self.program, kind, threads=self._threads).run

    def _is_right(self, run: Run) -> bool:
        return _answers(self.program, run, self._answer)

    def _refer(self, feeds: Feeds, quality: Quality | None) -> Outputs:
        """Run the reference, with outputs as the other arithmetics have them."""
        outputs = {}
        for name, value in reference.run(self.program, feeds, quality).items():
            dtype = DTYPES[self.program.facts[name].kind]
            channels_last = value.transpose(1, 2, 0).astype(dtype, order="C")
            outputs[name] = channels_last.transpose(2, 0, 1)
        return outputs


@functools.cache
def _is_right_at_limits(arithmetic: type[FloatArithmetic]) -> bool:
    program = extreme_program()
    run = OnnxProgram(program, arithmetic, threads=1).run
    return _answers(program, run, EXTREME_ANSWER)


def _answers(program: Program, run: Run, expected: NDArray[np.uint8]) -> bool:
    try:
        return np.array_equal(known_answer(program, run), expected)
    except (ModelError, ImportError):  # operators, or a library, unknown here
        return False
