from __future__ import annotations

import numpy as np
import pytest

from vaecodec.entropy.coder import EACH_TOTAL
from vaecodec.models.lattices.laws import (
    ALIKE,
    FIRST_OCTAVE,
    LARGEST_WEIGHT,
    WINDOWS,
    Laws,
    Weights,
)
from vaecodec.models.lattices.networks.stored import cumulative, law_tensors

MARGIN = 130


@pytest.fixture(scope="module")
def laws():
    return Laws.from_tensors(law_tensors())


def even():
    entries = np.full(256 + 2 * MARGIN, ALIKE, np.int32)
    return Weights(entries, np.full(1, MARGIN, np.int32))


def one(laws, mean, scale, weights):
    """The law of one value: first value, probabilities of what the window holds."""
    numbers = (np.full(1, round(256 * part), np.int32) for part in (mean, scale))
    [batch] = laws.batches(*numbers, weights)
    return int(batch.first[0]) + 1, (batch.shares[0, 1:-1] + 1) / EACH_TOTAL


@pytest.mark.parametrize("scale", [-4, -1, 0.5, 1.7, 2.9, 5.5])
def test_laws_are_those_that_errors_have(laws, scale):
    first, found = one(laws, 100.3, scale, even())
    edges = first + np.arange(found.size + 1) - 0.5 - 100.3
    with np.errstate(over="ignore"):
        expected = cumulative(edges / 2.0**scale)
    expected[0], expected[-1] = 0, 1
    assert np.abs(found - np.diff(expected)).max() < 0.03
    assert found.sum() == pytest.approx(1, abs=1e-6)


def test_all_rows_share_out_exactly_what_the_coder_has(laws):
    rng = np.random.default_rng(0)
    count = 20000
    means = rng.integers(0, 65536, count).astype(np.int32)
    scales = rng.integers(-FIRST_OCTAVE - 999, 3000, count).astype(np.int32)
    weights = even()
    weights.entries[:] = rng.choice([1, 5, ALIKE, LARGEST_WEIGHT], weights.entries.size)
    seen = []
    for batch in laws.batches(means, scales, weights):
        columns = batch.shares.shape[1]
        assert (batch.shares.sum(1) == EACH_TOTAL - columns).all()
        assert batch.shares.min() >= 0
        assert (batch.shares[:, [0, -1]] == 0).all()
        seen.append(columns - 2)
        assert batch.places.size * (columns - 2) <= 1 << 17
    assert sorted(set(seen)) == sorted(WINDOWS)
    assert seen == sorted(seen)


def test_what_occurs_more_often_gets_a_larger_share(laws):
    weights = even()
    weights.entries[MARGIN + 100 : MARGIN + 200 : 2] *= 9
    first, found = one(laws, 140.5, 3, weights)
    _, before = one(laws, 140.5, 3, even())
    odds = (found / before)[140 - first :][:2]
    assert odds[0] / odds[1] == pytest.approx(9, rel=0.01)


def test_values_that_do_not_exist_get_the_smallest_share(laws):
    weights = even()
    weights.entries[:MARGIN] = 0
    first, found = one(laws, 0.4, 3, weights)
    assert first < 0
    assert found[-first] > 0.05
    assert (found[:-first] == 1 / EACH_TOTAL).all()
