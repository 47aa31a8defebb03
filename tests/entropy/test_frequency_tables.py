from __future__ import annotations

import math

import numpy as np
import pytest

from tests.entropy.conftest import laplacian_rows
from vaecodec.entropy.frequency_tables import (
    CLASS_FREQUENCIES,
    TableSet,
    excess_class,
    quantize_frequencies,
)
from vaecodec.errors import ModelError


def _table_tensors(rows):
    limits, frequencies = quantize_frequencies(rows)
    return {"tables.limits": limits, "tables.frequencies": frequencies}


def test_quantized_rows_sum_to_65536_and_have_no_zero_frequency():
    rng = np.random.default_rng(5)
    rows = [
        rng.random(2 * limit + 1) ** power
        for limit, power in zip(
            rng.integers(0, 2000, 64), rng.integers(1, 60, 64), strict=True
        )
    ]
    tables = TableSet(_table_tensors(rows))
    assert [row.sum() for row in tables.rows] == [65536] * 64
    assert min(row.min() for row in tables.rows) == 1
    assert [row.size for row in tables.rows] == [row.size for row in rows]


def test_quantized_frequencies_are_within_one_of_the_ideal_where_no_floor_acts():
    row = np.random.default_rng(6).random(101) + 0.5
    tables = TableSet(_table_tensors([row] * 64))
    ideal = row / row.sum() * 65536
    assert np.abs(tables.rows[0] - ideal).max() < 1


def test_the_floor_is_paid_by_the_entries_above_it():
    row = np.array([0.0, 1e-9, 3.0, 1.0, 0.0])
    tables = TableSet(_table_tensors([row] * 64))
    assert tables.rows[7].tolist() == [1, 1, 49150, 16383, 1]


def test_a_row_of_one_entry_is_not_coded():
    tables = TableSet(_table_tensors(laplacian_rows()))
    assert tables.is_coded.tolist() == [False] * 5 + [True] * 59
    assert tables.rows[0].tolist() == [65536]


@pytest.mark.parametrize(
    "row",
    [
        np.ones(4),
        np.zeros(3),
        np.array([1.0, np.nan, 1.0]),
        np.array([1.0, -0.1, 1.0]),
        np.ones((3, 3)),
        np.ones(65537),
    ],
)
def test_a_row_that_is_no_distribution_is_refused(row):
    with pytest.raises(ValueError, match="row"):
        quantize_frequencies([np.ones(3)] * 63 + [row])


def test_63_rows_are_refused():
    with pytest.raises(ValueError, match="expected 64"):
        quantize_frequencies([np.ones(3)] * 63)


def test_a_table_that_does_not_sum_to_65536_is_refused():
    tensors = _table_tensors(laplacian_rows())
    tensors["tables.frequencies"][-1] += 1
    with pytest.raises(ModelError, match="table 63 sums to 65537"):
        TableSet(tensors)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("tables.limits", lambda t: t[:63], "shape"),
        ("tables.limits", lambda t: t.astype(np.int32), "int32"),
        ("tables.frequencies", lambda t: t[:-1], "shape"),
        ("tables.frequencies", lambda t: np.append(t, t[-1]), "shape"),
        ("tables.frequencies", lambda t: t.astype(np.float32), "float32"),
    ],
)
def test_tables_of_another_shape_or_dtype_are_refused(name, change, message):
    tensors = _table_tensors(laplacian_rows())
    tensors[name] = change(tensors[name])
    with pytest.raises(ModelError, match=message):
        TableSet(tensors)


def test_the_classes_of_an_excess_follow_its_length_in_binary():
    excess = np.arange(65535, dtype=np.int32)
    assert excess_class(excess).tolist() == [
        (value + 1).bit_length() - 1 for value in range(65535)
    ]
    assert CLASS_FREQUENCIES.tolist() == [
        *(2**power for power in range(15, 0, -1)),
        2,
    ]


def test_the_cost_is_that_of_the_table_and_of_the_escape():
    row = np.array([2, 6, 240, 6, 2])
    tables = TableSet(_table_tensors([row] * 63 + [np.ones(1)]))
    cost = tables.cost_bits(cap=9)[0]
    assert cost.dtype == np.float32
    assert cost[9] == pytest.approx(-math.log2(240 / 256))
    assert cost[9 + 1] == pytest.approx(-math.log2(6 / 256))
    # An excess of 0 is class 0: one bit. An excess of 7 is class 3: four bits and
    # three raw ones.
    assert cost[9 - 2] == pytest.approx(7 + 1)
    assert cost[9 + 9] == pytest.approx(7 + 4 + 3)
    assert cost.tolist() == cost[::-1].tolist()


def test_a_value_that_cannot_be_coded_costs_infinity():
    cost = TableSet(_table_tensors([np.ones(1)] * 64)).cost_bits(cap=2)
    assert cost[63].tolist() == [math.inf, math.inf, 0, math.inf, math.inf]
