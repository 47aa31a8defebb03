from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from vaecodec.errors import ModelError
from vaecodec.models.coded_numbers import Layout, Sides, tensor


def elements(numbers: list[int], unit: int, dtype: DTypeLike) -> NDArray[np.float64]:
    """Of a matrix of one row, whose unit is 2**unit."""
    layout = Layout(np.dtype(dtype), (len(numbers),), len(numbers))
    sides = Sides(np.array([[0], [unit]], np.int8), np.zeros((2, 0), np.int8))
    found = tensor(layout, np.array(numbers, np.int32), sides)
    assert found.dtype == dtype
    return found.astype(np.float64)


def test_a_float_is_rounded_once_however_large_its_number_is() -> None:
    # A little above the middle of two float16, and in float32 the middle itself.
    number = 2**25 + 2**14 + 1
    assert elements([number, 1], -25, np.float16)[0] == 1 + 2**-10


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("unit", [-14, 0, 5])
def test_floats_are_their_numbers_times_their_unit(unit: int, dtype: DTypeLike) -> None:
    numbers = [-1023, -1, 0, 1, 7, 1024]
    np.testing.assert_array_equal(
        elements(numbers, unit, dtype), np.array(numbers) * 2.0**unit
    )


@pytest.mark.parametrize(("dtype", "unit"), [(np.int8, 4), (np.int32, 31)])
def test_numbers_beyond_the_range_of_a_tensor_are_refused(
    dtype: DTypeLike, unit: int
) -> None:
    with pytest.raises(ModelError, match="beyond its range"):
        elements([1, 2, 100], unit, dtype)
