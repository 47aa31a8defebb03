from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.search.quantization import COST_CAP, quantize
from vaecodec.entropy.frequency_tables import VALUE_LIMIT


@pytest.fixture
def costs(untrained: CodecModel) -> NDArray[np.float32]:
    return untrained.architecture.tables.cost_bits(cap=COST_CAP)


def draw(seed: int, costs: NDArray[np.float32]) -> tuple[NDArray[Any], ...]:
    """Residuals of all sizes, rows, and what an error is worth."""
    rng = np.random.default_rng(seed)
    indexes = rng.integers(0, len(costs), 1200).astype(np.uint8)
    residual = rng.laplace(0, 0.1 * np.exp(indexes / 8)).astype(np.float32)
    return residual, indexes, rng.uniform(0.1, 8, 1200).astype(np.float32)


def loss(
    symbols: NDArray[Any],
    residual: NDArray[np.float32],
    indexes: NDArray[np.uint8],
    weight: NDArray[np.float32],
    costs: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Bits plus weighted error of each element."""
    rate = costs[indexes, symbols.clip(-COST_CAP, COST_CAP) + COST_CAP]
    error: NDArray[np.float32] = weight * (residual - symbols) ** 2
    return rate + error


@pytest.mark.parametrize("seed", range(5))
def test_it_is_never_worse_than_rounding(seed: int, costs: NDArray[np.float32]) -> None:
    residual, indexes, weight = draw(seed, costs)
    chosen = quantize(
        residual, indexes, costs=costs, error_weight=weight, limit=VALUE_LIMIT
    )
    rounded = np.floor(residual + 0.5).astype(int)
    codable = np.isfinite(costs[indexes, COST_CAP + 1])
    before = loss(rounded, residual, indexes, weight, costs)[codable]
    after = loss(chosen, residual, indexes, weight, costs)[codable]
    assert (after <= before * (1 + 1e-6)).all()
    assert after.sum() < 0.99 * before.sum()


def test_rows_that_are_never_coded_hold_zeros(costs: NDArray[np.float32]) -> None:
    residual, indexes, weight = draw(1, costs)
    never_coded = np.isinf(costs[indexes, COST_CAP + 1])
    residual[never_coded] = 40
    chosen = quantize(
        residual, indexes, costs=costs, error_weight=weight, limit=VALUE_LIMIT
    )
    assert never_coded.any()
    assert not chosen[never_coded].any()


def test_an_error_that_costs_much_leaves_rounding(costs: NDArray[np.float32]) -> None:
    residual, indexes, weight = draw(2, costs)
    indexes[:] = len(costs) - 1
    heavy = weight * 1e6
    chosen = quantize(
        residual, indexes, costs=costs, error_weight=heavy, limit=VALUE_LIMIT
    )
    np.testing.assert_array_equal(chosen, np.floor(residual + 0.5))


@pytest.mark.parametrize("limit", [31, VALUE_LIMIT])
def test_a_residual_beyond_all_symbols_is_held_at_the_last(
    limit: int, costs: NDArray[np.float32]
) -> None:
    residual = np.array([1e9, -1e9, 40000, np.inf], np.float32)
    indexes = np.full(residual.shape, len(costs) - 1, np.uint8)
    heavy = np.full(4, 1e6, np.float32)
    chosen = quantize(residual, indexes, costs=costs, error_weight=heavy, limit=limit)
    assert (np.abs(chosen) >= limit - 1).all()
    assert (np.abs(chosen) <= limit).all()
    assert np.sign(chosen).tolist() == [1, -1, 1, 1]
