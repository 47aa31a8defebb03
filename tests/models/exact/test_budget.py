"""Inputs whose channels cannot all be large at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vaecodec.errors import ModelError
from vaecodec.models.exact.budget import BUDGET_LIMIT, within_budget
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.feeds import check_values
from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_int8 import Int8Arithmetic
from vaecodec.models.exact.onnx_program import OnnxProgram
from vaecodec.models.exact.operations import Input, Pointwise
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.reference import run
from vaecodec.models.exact.stored_program import pack_program, parse_program

GIVEN = Input(
    "x",
    channels=8,
    low=-(2**14),
    high=2**14,
    pixels=16,
    price=np.arange(1, 9, dtype=np.int16),
    budget=50_000,
)
WEIGHT = (np.arange(48).reshape(6, 8) % 23 - 11).astype(np.int16) * np.int16(30)
LAYER = Pointwise("x", "y", WEIGHT, np.arange(6, dtype=np.int32))
PROGRAM = Program((GIVEN,), (LAYER,), ("y",))


def wild_values() -> np.ndarray:
    draw = np.random.default_rng(3)
    return (draw.standard_cauchy((8, 12, 16)) * 900).clip(-(2**14), 2**14).astype("i2")


def halved(column: list[int]) -> list[int]:
    """The rule of the specification, in plain numbers."""
    while sum(abs(x) * p for x, p in zip(column, range(1, 9), strict=True)) > 50_000:
        column = [int(x / 2) for x in column]
    return column


def test_positions_above_the_budget_are_halved_and_others_stay():
    values = wild_values()
    before = values.copy()
    found = within_budget(GIVEN, values)
    assert np.array_equal(values, before)
    changed = (found != values).any(0)
    assert 0 < np.count_nonzero(changed) < changed.size
    for y, x in np.ndindex(changed.shape):
        assert found[:, y, x].tolist() == halved(values[:, y, x].tolist())
    check_values(PROGRAM, {"x": found})
    with pytest.raises(ValueError, match="above its budget of 50000"):
        check_values(PROGRAM, {"x": values})


def test_values_within_the_budget_are_not_even_copied():
    values = np.full((8, 2, 2), 100, np.int16)
    assert within_budget(GIVEN, values) is values
    free = replace(GIVEN, price=None, budget=0)
    wild = wild_values()
    assert within_budget(free, wild) is wild


def test_a_budget_proves_sums_that_limits_alone_do_not():
    free = replace(GIVEN, price=None, budget=0)
    with pytest.raises(ModelError, match=r"allowed below 2\*\*24"):
        Program((free,), (LAYER,), ("y",))
    facts, found = PROGRAM.facts["y"], []
    for seed in range(40):
        values = np.random.default_rng(seed).integers(-(2**14), 2**14, (8, 4, 4))
        found.append(run(PROGRAM, {"x": within_budget(GIVEN, values)})["y"])
    assert np.min(found) >= facts.low.min()
    assert np.max(found) <= facts.high.max()
    dearest = np.abs(WEIGHT / np.arange(1, 9)).max(1)
    assert np.array_equal(facts.high, np.ceil(dearest * 50_000) + np.arange(6))


@pytest.mark.parametrize("arithmetic", [Int8Arithmetic, FloatArithmetic])
def test_engines_agree_on_what_is_within_the_budget(
    arithmetic: type[FloatArithmetic],
) -> None:
    feeds = {"x": within_budget(GIVEN, wild_values())}
    found = OnnxProgram(PROGRAM, arithmetic, threads=1).run(feeds)
    assert np.array_equal(found["y"], run(PROGRAM, feeds)["y"])


def test_a_stored_program_keeps_its_budget():
    tensors = pack_program("p", PROGRAM)
    found = parse_program("p", tensors).inputs[0]
    assert found.budget == GIVEN.budget
    assert np.array_equal(found.price, GIVEN.price)
    assert ExactEngine.from_tensors("p", tensors).arithmetic == "int8"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"budget": 0}, r"a budget of 0, allowed"),
        ({"budget": BUDGET_LIMIT + 1}, r"allowed are prices from 1 and budgets 1\.\."),
        ({"price": np.zeros(8, np.int16)}, "prices from 0"),
        ({"price": np.ones(7, np.int16)}, r"price is int16 \[7\]"),
        ({"price": np.ones(8, np.int32)}, "price is int32"),
        ({"price": None}, "a budget of 50000 without prices"),
    ],
)
def test_a_budget_that_is_none_is_refused(change: dict, reason: str) -> None:
    given = replace(GIVEN, low=-5, high=5, **change)
    with pytest.raises(ModelError, match=reason):
        Program((given,), (LAYER,), ("y",))
