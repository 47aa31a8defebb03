from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.models.exact.random_programs import Draw
from vaecodec.models.exact.operations import (
    Add,
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

WIDE = (-(2**15), 2**15)


def _run(operation, *inputs, quality=None, low=WIDE[0], high=WIDE[1], narrow=False):
    names = ("left", "right") if len(inputs) == 2 else ("x",)
    given = tuple(
        Input(name, len(values), low, high, 16, narrow)
        for name, values in zip(names, inputs, strict=True)
    )
    program = Program(given, (operation,), ("out",))
    return run(program, dict(zip(names, inputs, strict=True)), quality)["out"]


def _narrowed(value, shift, signed):
    low, high = (-128, 127) if signed else (0, 255)
    return min(max(round(Fraction(value, 2**shift)), low), high)


@pytest.mark.parametrize("signed", [False, True])
def test_halves_are_rounded_to_even_and_the_ends_are_clamped(signed):
    values = [-5000, -257, -25, -24, -12, -8, -4, 4, 8, 12, 20, 24, 25, 2044, 30000]
    x = np.array(values).reshape(1, 1, -1)
    found = _run(Narrow("x", "out", np.array([3], "i1"), signed), x)
    assert found.ravel().tolist() == [_narrowed(value, 3, signed) for value in values]


def test_a_narrowing_has_a_shift_for_each_channel():
    x = np.full((3, 1, 1), 100)
    found = _run(Narrow("x", "out", np.array([0, 1, 5], "i1"), False), x)
    assert found.ravel().tolist() == [100, 50, 3]


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("shift", [None, np.array([7, 9, 8, 3], "i1")])
def test_a_pointwise_layer_equals_python_integers(groups, shift, extreme):
    draw = Draw(1, extreme=extreme)
    signed = None if shift is None else False
    layer = draw.pointwise(
        "x", "out", (6, 4), shift=shift, signed=signed, groups=groups
    )
    x = draw.integers(0, 255, 6, 2, 3)
    found = _run(layer, x, low=0, high=255, narrow=True)
    for o, row, column in np.ndindex(4, 2, 3):
        part = np.split(x[:, row, column], groups)[o * groups // 4]
        terms = zip(layer.weight[o].tolist(), part.tolist(), strict=True)
        total = sum(w * value for w, value in terms) + int(layer.bias[o])
        expected = total if shift is None else _narrowed(total, int(shift[o]), False)
        assert found[o, row, column] == expected


def test_sums_of_a_pointwise_layer_are_lifted_with_their_bias():
    weight, bias = np.array([[3], [-2]], np.int8), np.array([5, 7], np.int32)
    layer = Pointwise("x", "out", weight, bias, lift=np.array([0, 4], "i1"))
    found = _run(layer, np.array([[[10]]]), low=0, high=255, narrow=True)
    assert found.ravel().tolist() == [35, (7 - 20) * 16]


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("positions", [(1, 1), (4, 7)])
def test_a_depthwise_layer_equals_python_integers(size, positions):
    draw = Draw(2)
    layer = draw.depthwise("x", "out", 3, size)
    x = draw.integers(-128, 127, 3, *positions)
    found = _run(layer, x, low=-128, high=127, narrow=True)
    for channel, row, column in np.ndindex(3, *positions):
        total = int(layer.bias[channel])
        for i, j in np.ndindex(size, size):
            y, z = row + i - size // 2, column + j - size // 2
            if 0 <= y < positions[0] and 0 <= z < positions[1]:
                total += int(layer.weight[channel, i, j]) * int(x[channel, y, z])
        expected = _narrowed(total, int(layer.shift[channel]), True)
        assert found[channel, row, column] == expected


def test_both_operands_of_a_sum_are_shifted():
    left, right = np.array([[[3]], [[-7]]]), np.array([[[5]], [[11]]])
    add = Add("left", "right", "out", np.array([2], "i1"), np.array([0, 1], "i1"))
    assert _run(add, left, right).ravel().tolist() == [17, -6]


def test_a_narrow_tensor_is_widened_by_a_shift():
    x = np.array([[[-128]], [[127]]])
    found = _run(
        Widen("x", "out", np.array([0, 4], "i1")), x, low=-128, high=127, narrow=True
    )
    assert found.ravel().tolist() == [-128, 127 * 16]


def test_a_gain_follows_the_quality_of_each_cell():
    table = np.arange(202, dtype=np.int16).reshape(101, 2)
    x = np.ones((2, 4, 8), np.int32)
    everywhere = _run(Gain("x", "out", table), x, quality=np.array([[7]], np.uint8))
    assert everywhere[0].tolist() == [[14] * 8] * 4
    cells = np.array([[0, 100]], np.uint8)
    found = _run(Gain("x", "out", table), x, quality=cells)
    assert found[1].tolist() == [[1] * 4 + [201] * 4] * 4


@pytest.mark.parametrize("by", [2, 4, 8])
def test_positions_are_shuffled_in_the_channel_order_of_torch(by):
    x = np.arange(2 * by * by * 6).reshape(2 * by * by, 2, 3)
    found = _run(Shuffle("x", "out", by), x)
    assert found.shape == (2, 2 * by, 3 * by)
    for c, row, column in np.ndindex(*found.shape):
        source = c * by * by + row % by * by + column % by
        assert found[c, row, column] == x[source, row // by, column // by]


def test_quarters_put_the_positions_of_a_cell_side_by_side_and_back():
    x = np.arange(2 * 4 * 6).reshape(2, 4, 6)
    parts = _run(Quarters("x", "out"), x)
    for p, c, row, column in np.ndindex(4, 2, 2, 3):
        found = parts[2 * p + c, row, column]
        assert found == x[c, 2 * row + p // 2, 2 * column + p % 2]
    np.testing.assert_array_equal(_run(Unquarters("x", "out"), parts), x)
