from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import DTypeLike

from vaecodec.models.engines.matrix_product import multiply


@pytest.mark.parametrize(("kind", "bits"), [(np.float64, 22), (np.float32, 8)])
@pytest.mark.parametrize("shape", [(160, 128, 768), (1, 1, 1), (7, 96, 5), (3, 8, 0)])
def test_products_of_integers_are_exact(
    kind: DTypeLike, bits: int, shape: tuple[int, int, int]
) -> None:
    rows, inner, columns = shape
    rng = np.random.default_rng(1)
    left = rng.integers(-(1 << bits), 1 << bits, (rows, inner))
    right = rng.integers(0, 1 << bits, (inner, columns))
    found = multiply(left.astype(kind), right.astype(kind))
    assert found.dtype == kind
    np.testing.assert_array_equal(found, left @ right)


def test_parts_of_larger_arrays_are_multiplied_too() -> None:
    left, right = np.arange(48.0).reshape(6, 8), np.arange(80.0).reshape(8, 10)
    found = multiply(left[::2, ::-1], right[:, 3:7])
    np.testing.assert_array_equal(found, left[::2, ::-1] @ right[:, 3:7])
