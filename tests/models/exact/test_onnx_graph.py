from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from tests.models.exact.random_programs import Draw, feeds_of, painter
from vaecodec.models.engines.sessions import open_session, session_options
from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_graph import write_graph
from vaecodec.models.exact.onnx_int8 import Int8Arithmetic
from vaecodec.models.exact.onnx_program import graph_feeds
from vaecodec.models.exact.operations import (
    Add,
    Input,
    Narrow,
    Pointwise,
    Quarters,
    Shuffle,
    Unquarters,
    Widen,
)
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.reference import run

LEVELS = onnxruntime.GraphOptimizationLevel
LAST_LEVEL = LEVELS.ORT_ENABLE_ALL
ARITHMETICS = [FloatArithmetic, Int8Arithmetic]
DRAW = Draw(11)
EACH = DRAW.shift(0, 4, 12)
WIDE = Input("wide", 12, -9000, 9000, 16)
SIGNED = Input("signed", 12, -128, 127, 16, narrow=True)
BYTES = Input("bytes", 12, 0, 255, 16, narrow=True)
ONE, TWO = np.ones(1, np.int8), np.full(1, 2, np.int8)


def _run_graph(program, arithmetic, feeds, quality, *, level, threads):
    options = session_options(threads=threads)
    options.graph_optimization_level = level
    session = open_session(write_graph(program, arithmetic), options)
    found = session.run(None, graph_feeds(program, arithmetic, feeds, quality))
    planes = (values[0].transpose(2, 0, 1) for values in found)
    return dict(zip(program.outputs, planes, strict=True))


def _assert_equals_reference(program, feeds, quality=None, *, levels=(LAST_LEVEL,)):
    expected = run(program, feeds, quality)
    for arithmetic in ARITHMETICS:
        for level in levels:
            for threads in (1, 2):
                found = _run_graph(
                    program, arithmetic, feeds, quality, level=level, threads=threads
                )
                for name in program.outputs:
                    np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_all_engines_paint_the_same_at_every_level_of_optimisation(seed, extreme):
    program = painter(seed, extreme=extreme)
    feeds = feeds_of(program, seed, (192, 64), extreme=extreme)
    quality = Draw(seed).integers(0, 100, 3, 1, dtype="u1")
    levels = [
        LEVELS.ORT_DISABLE_ALL,
        LEVELS.ORT_ENABLE_BASIC,
        LEVELS.ORT_ENABLE_EXTENDED,
        LEVELS.ORT_ENABLE_ALL,
    ]
    _assert_equals_reference(program, feeds, quality, levels=levels)


@pytest.mark.parametrize("positions", [(1, 1), (1, 5), (7, 3), (17, 31)])
def test_all_engines_agree_on_areas_of_odd_sizes(positions):
    program = painter(5)
    feeds = feeds_of(program, 5, (positions[0] * 16, positions[1] * 16))
    _assert_equals_reference(program, feeds, np.array([[33]], np.uint8))


def test_all_engines_agree_on_sums_of_places_with_and_without_a_shuffle():
    drawn = painter(8)
    for more in ((), ("packed",), ("sum",)):
        outputs = *drawn.outputs, *more
        program = Program(drawn.inputs, drawn.operations, outputs)
        feeds = feeds_of(program, 8, (64, 96))
        _assert_equals_reference(program, feeds, np.array([[70]], np.uint8))


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize(
    "operations",
    [
        [Narrow("wide", "out", EACH, signed=True)],
        [Narrow("wide", "out", EACH, signed=False)],
        [Narrow("wide", "out", TWO, signed=True)],
        [Narrow("wide", "out", TWO, signed=False)],
        [Widen("signed", "out", EACH)],
        [Widen("bytes", "out", TWO)],
        [Add("wide", "signed", "out", EACH, ONE)],
        [Add("bytes", "signed", "out", TWO, EACH)],
        [DRAW.wide_pointwise("wide", "out", (12, 5))],
        [DRAW.wide_pointwise("wide", "out", (12, 8), groups=4)],
        [DRAW.wide_pointwise("wide", "out", (12, 8), shift=EACH[:8], signed=False)],
        [DRAW.pointwise("signed", "out", (12, 5))],
        [DRAW.pointwise("bytes", "out", (12, 8), groups=4)],
        [DRAW.pointwise("bytes", "out", (12, 8), groups=4, shift=TWO, signed=True)],
        [DRAW.pointwise("signed", "out", (12, 1), shift=TWO, signed=False)],
        [DRAW.pointwise("signed", "out", (12, 5), lift=TWO)],
        [DRAW.pointwise("bytes", "out", (12, 8), lift=EACH[:8])],
        [DRAW.pointwise("bytes", "out", (12, 8), groups=4, lift=EACH[:8])],
        [DRAW.pointwise("signed", "out", (12, 8), groups=2, lift=TWO)],
        [DRAW.wide_pointwise("wide", "out", (12, 4), groups=2, lift=ONE)],
        [DRAW.depthwise("signed", "out", 12, 1)],
        [DRAW.depthwise("bytes", "out", 12, 7)],
        [DRAW.gain("wide", "out", 12)],
        [DRAW.gain("signed", "out", 12)],
        [DRAW.gain("bytes", "out", 12)],
        [Shuffle("wide", "out", 2)],
        [Shuffle("signed", "out", 2)],
        [Quarters("bytes", "out")],
        [Unquarters("signed", "out")],
        [Quarters("wide", "parts"), Unquarters("parts", "out")],
        [
            Quarters("signed", "parts"),
            DRAW.pointwise("parts", "mixed", (48, 16), groups=4),
            DRAW.pointwise("bytes", "more", (12, 8), groups=2),
            Unquarters("mixed", "out"),
        ],
        [
            DRAW.pointwise("signed", "a", (12, 64)),
            Shuffle("a", "b", 2),
            Narrow("b", "c", TWO, signed=True),
            Shuffle("c", "d", 4),
            Widen("d", "out", ONE),
        ],
        [
            DRAW.pointwise("signed", "a", (12, 48)),
            DRAW.gain("a", "b", 48),
            Narrow("b", "c", DRAW.shift(8, 14, 48), signed=True),
            Shuffle("c", "out", 2),
        ],
        [
            DRAW.pointwise("signed", "a", (12, 32)),
            Shuffle("a", "out", 2),
            Shuffle("a", "last_decides_the_order", 4),
        ],
        [
            Shuffle("wide", "a", 2),
            Narrow("a", "b", ONE, signed=True),
            Widen("b", "out", ONE),
        ],
    ],
    ids=lambda operations: "-".join(type(one).__name__ for one in operations),
)
def test_all_engines_agree_on_every_operation(operations, extreme):
    program = Program((WIDE, SIGNED, BYTES), tuple(operations), ("out",))
    feeds = feeds_of(program, 7, (64, 96), extreme=extreme)
    _assert_equals_reference(program, feeds, np.array([[61]], np.uint8))


def test_all_engines_agree_on_saturated_sums_of_many_channels():
    weight = np.full((4, 300), 63, np.int8)
    weight[1::2] = -63
    given, zeros = Input("x", 300, 0, 255, 8, narrow=True), np.zeros(4, np.int32)
    layers = (
        Pointwise("x", "wide", weight, zeros),
        Pointwise("x", "out", weight, zeros, np.full(1, 16, "i1"), True),
    )
    program = Program((given,), layers, ("wide", "out"))
    _assert_equals_reference(program, {"x": np.full((300, 5, 3), 255, np.int32)})


def test_halves_are_rounded_to_even_by_all_engines():
    x = np.arange(-(2**12), 2**12, dtype=np.int32).reshape(1, 64, 128)
    given = Input("x", 1, -(2**12), 2**12, 1)
    narrow = Narrow("x", "out", np.full(1, 5, np.int8), signed=True)
    _assert_equals_reference(Program((given,), (narrow,), ("out",)), {"x": x})
