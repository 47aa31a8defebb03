from __future__ import annotations

import numpy as np
import pytest

from vaecodec.entropy.frequency_tables import TableSet, quantize_frequencies
from vaecodec.models.networks.table_fitting import (
    REACH,
    count,
    fit,
    no_counts,
)


def probability(row, value):
    return row[len(row) // 2 + value]


def test_rows_are_symmetric_and_sum_to_one():
    for row in fit(no_counts()):
        assert len(row) % 2 == 1
        assert row.sum() == pytest.approx(1, abs=1e-12)
        assert np.array_equal(row, row[::-1])
        assert row.min() > 0


def test_only_the_lowest_rows_are_never_coded():
    limits = np.array([len(row) // 2 for row in fit(no_counts())])
    lowest = np.argmax(limits > 0)
    assert 1 <= lowest <= 16
    assert np.all(limits[:lowest] == 0)
    assert np.all(limits[lowest:] >= 1)
    assert np.all(np.diff(limits) >= 0)


def test_what_is_never_coded_hardly_ever_occurs():
    counts = no_counts()
    lowest = int(np.argmax([len(row) > 1 for row in fit(counts)]))
    counts[lowest - 1, REACH + 1] = 50
    row = fit(counts)[lowest - 1]
    assert len(row) > 1
    assert probability(row, 1) > 0.01


def test_counts_reshape_a_row_and_both_signs_profit():
    counts = no_counts()
    values = np.full(5000, 7, np.int16)
    count(counts, values, np.full(5000, 30, np.uint8))
    before, after = fit(no_counts()), fit(counts)
    assert probability(after[30], 7) > 10 * probability(before[30], 7)
    assert probability(after[30], -7) == probability(after[30], 7)
    assert np.array_equal(after[31], before[31])


def test_many_symbols_outweigh_the_prior():
    rng = np.random.default_rng(1)
    counts = no_counts()
    values = rng.choice([-2, 0, 2], 10**6, p=[0.2, 0.6, 0.2]).astype(np.int16)
    count(counts, values, np.full(values.size, 25, np.uint8))
    row = fit(counts)[25]
    assert probability(row, 0) == pytest.approx(0.6, abs=0.005)
    assert probability(row, 2) == pytest.approx(0.2, abs=0.005)
    assert probability(row, 1) < 0.001


def test_symbols_are_counted_in_their_own_rows():
    counts = no_counts()
    symbols = np.array([[0, -1], [32767, -32767]], np.int16)
    rows = np.array([[3, 3], [63, 0]], np.uint8)
    count(counts, symbols, rows)
    count(counts, symbols, rows)
    assert counts.sum() == 8
    assert counts[3, REACH] == counts[3, REACH - 1] == 2
    assert counts[63, -1] == counts[0, 0] == 2


def test_fitted_rows_become_tables():
    limits, frequencies = quantize_frequencies(fit(no_counts()))
    tables = TableSet({"tables.limits": limits, "tables.frequencies": frequencies})
    costs = tables.cost_bits(cap=3)[tables.is_coded]
    assert np.all(np.diff(costs[:, 3:], axis=1) >= 0)
    assert np.allclose(costs, costs[:, ::-1], atol=0.1)  # frequencies are integers
