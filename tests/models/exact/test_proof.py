from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.models.exact.random_programs import Draw, feeds_of, painter
from vaecodec.errors import ModelError
from vaecodec.models.exact.operations import (
    Add,
    Depthwise,
    Gain,
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

ZERO = np.zeros(1, np.int8)
WIDE = Input("wide", 4, -1000, 1000, 16)
BYTES = Input("bytes", 4, 0, 255, 16, narrow=True)


def _program(*operations, inputs=(WIDE, BYTES), outputs=("out",)):
    return Program(tuple(inputs), operations, outputs)


def _square(dtype, value, bias=0):
    weight, biases = np.full((4, 4), value, dtype), np.full(4, bias, np.int32)
    return weight, biases


def test_a_sum_that_float32_may_not_hold_is_refused():
    given = Input("x", 1, -(2**10), 2**10, 16)
    weight = np.array([[2**13]], np.int16)
    bias = np.array([2**23 - 1], np.int32)
    _program(Pointwise("x", "out", weight, bias), inputs=[given])
    with pytest.raises(ModelError, match=r"'out': values up to 16777216"):
        _program(Pointwise("x", "out", weight, bias + 1), inputs=[given])
    with pytest.raises(ModelError, match=r"'out': values up to 16777216"):
        _program(Pointwise("x", "out", -weight, -1 - bias), inputs=[given])


def test_terms_that_cancel_out_count_all_the_same():
    given = Input("x", 2, 2**13, 2**13, 16)
    weight = np.array([[2**10, -(2**10)]], np.int16)
    with pytest.raises(ModelError, match="values up to"):
        _program(Pointwise("x", "out", weight, np.zeros(1, "i4")), inputs=[given])


@pytest.mark.parametrize(
    "operation",
    [
        Widen("bytes", "out", np.array([17], "i1")),
        Add("wide", "bytes", "out", np.array([15], "i1"), ZERO),
        Add("wide", "bytes", "out", ZERO, np.array([0, 0, 17, 0], "i1")),
        Gain("wide", "out", np.full((101, 4), 16800, np.int16)),
        Pointwise("bytes", "out", *_square("i1", 33), lift=np.array([9], "i1")),
        Pointwise("wide", "out", *_square("i2", 1, 9000), lift=np.full(4, 11, "i1")),
        Depthwise(
            "bytes",
            "out",
            np.zeros((4, 3, 3), "i1"),
            np.full(4, 2**24, "i4"),
            ZERO,
            False,
        ),
    ],
)
def test_every_wide_result_is_proven(operation):
    with pytest.raises(ModelError, match=r"allowed below 2\*\*24"):
        _program(operation)


@pytest.mark.parametrize(
    "operation",
    [
        Narrow("bytes", "out", ZERO, False),
        Narrow("wide", "out", np.array([24], "i1"), False),
        Narrow("wide", "out", np.array([-1], "i1"), False),
        Narrow("wide", "out", np.zeros(3, "i1"), False),
        Narrow("wide", "out", np.zeros((), "i1"), False),
        Narrow("wide", "out", np.zeros(1, "i2"), False),
        Narrow("nothing", "out", ZERO, False),
        Narrow("wide", "wide", ZERO, False),
        Narrow("wide", "Out/", ZERO, False),
        Widen("wide", "out", ZERO),
        Pointwise("bytes", "out", *_square("i1", 64)),
        Pointwise("bytes", "out", *_square("i1", -64)),
        Pointwise("bytes", "out", *_square("i2", 1)),
        Pointwise("wide", "out", *_square("i1", 1)),
        Pointwise("wide", "out", *_square("f4", 1)),
        Pointwise("bytes", "out", *_square("i1", 1), shift=ZERO),
        Pointwise("bytes", "out", *_square("i1", 1), signed=True),
        Pointwise(
            "bytes", "out", *_square("i1", 1), shift=ZERO, signed=True, lift=ZERO
        ),
        Pointwise("bytes", "out", *_square("i1", 1), lift=ZERO - np.int8(1)),
        Pointwise("bytes", "out", *_square("i1", 1), lift=np.zeros(3, "i1")),
        Pointwise("wide", "out", *_square("i2", 1), groups=3),
        Pointwise("wide", "out", *_square("i2", 1), groups=0),
        Pointwise("wide", "out", *_square("i2", 1), groups=-2),
        Pointwise("wide", "out", *_square("i2", 1), groups=2),
        Pointwise("wide", "out", _square("i2", 1)[0], np.zeros(3, "i4")),
        Pointwise("wide", "out", np.zeros((), "i2"), np.zeros(4, "i4")),
        Pointwise("wide", "out", np.zeros((5000, 4), "i2"), np.zeros(5000, "i4")),
        Depthwise(
            "wide", "out", np.zeros((4, 3, 3), "i1"), np.zeros(4, "i4"), ZERO, False
        ),
        Depthwise(
            "bytes",
            "out",
            np.full((4, 3, 3), -128, "i1"),
            np.zeros(4, "i4"),
            ZERO,
            False,
        ),
        Depthwise(
            "bytes", "out", np.zeros((4, 2, 2), "i1"), np.zeros(4, "i4"), ZERO, False
        ),
        Depthwise(
            "bytes", "out", np.zeros((4, 3, 5), "i1"), np.zeros(4, "i4"), ZERO, False
        ),
        Depthwise(
            "bytes", "out", np.zeros((3, 3, 3), "i1"), np.zeros(3, "i4"), ZERO, False
        ),
        Depthwise(
            "bytes", "out", np.zeros((4, 17, 17), "i1"), np.zeros(4, "i4"), ZERO, False
        ),
        Add("wide", "nothing", "out", ZERO, ZERO),
        Gain("wide", "out", np.zeros((100, 4), "i2")),
        Shuffle("wide", "out", 3),
        Shuffle("wide", "out", 4),
        Shuffle("wide", "out", 0),
    ],
)
def test_an_operation_that_does_not_fit_is_refused(operation):
    with pytest.raises(ModelError):
        _program(operation)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a b"},
        {"channels": 0},
        {"channels": 5000},
        {"low": -(2**24)},
        {"low": 2000},
        {"high": 2**70},
        {"pixels": 0},
        {"pixels": 24},
        {"pixels": 512},
        {"narrow": True},
    ],
)
def test_an_input_that_does_not_fit_is_refused(changes):
    with pytest.raises(ModelError):
        _program(
            Narrow("wide", "out", ZERO, False),
            inputs=[dataclasses.replace(WIDE, **changes)],
        )


def test_a_program_that_needs_much_memory_is_refused():
    inputs = [Input(f"x{n}", 64, 0, 1, 1) for n in range(7)]
    narrow = Narrow("x0", "out", ZERO, signed=True)
    _program(narrow, inputs=inputs)
    with pytest.raises(ModelError, match="2359296 values for each cell"):
        _program(narrow, inputs=[*inputs, Input("more", 64, 0, 1, 1)])


def test_tensors_of_different_areas_are_not_added():
    small = Input("small", 4, 0, 1, 8)
    with pytest.raises(ModelError, match="cannot be added"):
        _program(Add("wide", "small", "out", ZERO, ZERO), inputs=[WIDE, small])


def test_a_program_tells_what_sides_its_image_areas_have():
    program = _program(Quarters("wide", "out"))
    assert program.cell == 32
    large = dataclasses.replace(WIDE, pixels=256)
    with pytest.raises(ModelError, match="512 pixels"):
        _program(Quarters("wide", "out"), inputs=[large])
    with pytest.raises(ModelError, match="128 pixels"):
        _program(
            Gain("wide", "out", np.zeros((101, 4), "i2")),
            inputs=[dataclasses.replace(WIDE, pixels=128)],
        )
    with pytest.raises(ModelError, match="no quarters"):
        _program(
            Unquarters("wide", "out"), inputs=[dataclasses.replace(WIDE, pixels=1)]
        )


@pytest.mark.parametrize("outputs", [(), ("out", "out"), ("nothing",)])
def test_outputs_are_known_tensors(outputs):
    with pytest.raises(ModelError):
        _program(Narrow("wide", "out", ZERO, False), outputs=outputs)


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_no_value_leaves_what_is_proven(seed, extreme):
    drawn = painter(seed, extreme=extreme)
    names = tuple(drawn.facts)
    program = Program(drawn.inputs, drawn.operations, names)
    feeds = feeds_of(program, seed, (64, 64), extreme=extreme)
    quality = Draw(seed).integers(0, 100, 1, 1, dtype="u1")
    for name, values in run(program, feeds, quality).items():
        facts = program.facts[name]
        assert (values.min((1, 2)) >= facts.low).all(), name
        assert (values.max((1, 2)) <= facts.high).all(), name


def test_the_ends_of_what_is_proven_are_reached():
    weight = np.array([[3, -5, 0, 63]], np.int8)
    layer = Pointwise("bytes", "out", weight, np.array([7], np.int32))
    facts = _program(layer).facts["out"]
    assert (facts.low[0], facts.high[0]) == (7 - 5 * 255, 7 + 66 * 255)


def test_zeros_from_outside_count_in_the_proof():
    given = Input("x", 1, 200, 200, 16, narrow=True)
    layer = Depthwise(
        "x",
        "out",
        np.ones((1, 3, 3), "i1"),
        np.zeros(1, "i4"),
        ZERO + np.int8(4),
        False,
    )
    facts = _program(layer, inputs=[given]).facts["out"]
    assert (facts.low[0], facts.high[0]) == (0, round(9 * 200 / 16))


@pytest.mark.parametrize("name", ["bytes", "", "a b", "A", "x" * 65])
def test_a_tensor_is_made_once_and_under_an_allowed_name(name):
    with pytest.raises(ModelError, match="allowed are new names"):
        _program(Narrow("wide", name, ZERO, signed=False), outputs=("wide",))
