from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.models.exact.random_programs import Draw, painter
from vaecodec.models.exact.operations import Add, Input, Narrow, Shuffle
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.quarter_sums import quarter_sums

PROGRAM = painter(4)
INSIDE = {"straight", "bypass", "detail", "sum"}


def _found(program):
    return [sums.narrow.out for sums in quarter_sums(program)]


def _with(**changes):
    """The small painter with some operations changed, by the names of their results."""
    operations = tuple(
        replace(each, **changes.get(each.out, {})) for each in PROGRAM.operations
    )
    return Program(PROGRAM.inputs, operations, PROGRAM.outputs)


def test_sums_of_a_coarse_and_a_fine_layer_are_found():
    [sums] = quarter_sums(PROGRAM)
    assert sums.coarse.out == "straight"
    assert sums.fine.out == "detail"
    assert sums.narrow.out == "packed"
    assert sums.inside == INSIDE | {"packed"}
    assert sums.out == "image"


def test_a_shuffle_is_left_as_it_is_if_something_else_reads_its_source():
    read = Program(PROGRAM.inputs, PROGRAM.operations, ("image", "packed"))
    [sums] = quarter_sums(read)
    assert sums.inside == INSIDE
    assert sums.out == "packed"


@pytest.mark.parametrize("name", sorted(INSIDE))
def test_sums_that_something_else_reads_are_left_as_they_are(name):
    read = Program(PROGRAM.inputs, PROGRAM.operations, (*PROGRAM.outputs, name))
    assert _found(read) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"straight": {"lift": np.ones(1, np.int8)}},
        {"sum": {"left_shift": np.ones(1, np.int8)}},
        {"sum": {"right_shift": np.ones(1, np.int8)}},
        {"sum": {"left": "detail", "right": "bypass"}},
    ],
)
def test_sums_of_another_kind_are_left_as_they_are(changes):
    assert _found(_with(**changes)) == []


def test_biases_that_only_inputs_make_small_are_not_added_first():
    draw, none, big = Draw(1), np.zeros(1, np.int8), np.int32(2**23)
    given = Input("y", 1, 2**23 - 9, 2**23 - 1, 16)
    bytes_ = Input("bytes", 1, 0, 1, 8, narrow=True)
    coarse = draw.wide_pointwise("y", "coarse", (1, 4))
    coarse.weight[:], coarse.bias[:] = 1, -big
    fine = draw.pointwise("bytes", "fine", (1, 1))
    fine.weight[:], fine.bias[:] = 0, -big - 1
    operations = (
        coarse,
        Shuffle("coarse", "spread", 2),
        fine,
        Add("spread", "fine", "sum", none, none),
        Narrow("sum", "out", none, signed=True),
    )
    assert _found(Program((given, bytes_), operations, ("out",))) == []
