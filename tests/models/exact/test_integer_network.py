from __future__ import annotations

import numpy as np
import pytest

from vaecodec.errors import ModelError
from vaecodec.models.exact import integer_network
from vaecodec.models.exact.integer_network import (
    HIDDEN_SHIFT,
    Dense,
    Depthwise,
    OutputLayer,
    activate,
    shuffle_pixels,
)


def _draw(rng, low, high, shape, *, extreme):
    if extreme:
        return rng.choice([low, high], shape)
    return rng.integers(low, high + 1, shape)


def _reference_activation(accumulator):
    return min(max((accumulator + 2**11) >> 12, 0), 4095)


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("limit", [4095, 7936])
def test_a_dense_layer_equals_python_integers(extreme, limit):
    rng = np.random.default_rng(3)
    weight = _draw(rng, -32768, 32767, (5, 97), extreme=extreme)
    bias = _draw(rng, -(2**31), 2**31 - 1, 5, extreme=extreme)
    inputs = _draw(rng, -limit, limit, (97, 11), extreme=extreme)
    layer = Dense(weight, bias, input_limit=limit, shift=HIDDEN_SHIFT)
    found = activate(layer.accumulate(inputs.astype(np.float64)))
    for row in range(5):
        for column in range(11):
            products = zip(weight[row], inputs[:, column], strict=True)
            total = sum(int(w) * int(a) for w, a in products) + int(bias[row])
            assert found[row, column] == _reference_activation(total)


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("grid", [(1, 1), (1, 7), (6, 1), (4, 9)])
def test_a_depthwise_layer_equals_python_integers(kernel, grid):
    rng = np.random.default_rng(4)
    weight = rng.integers(-32768, 32768, (3, kernel, kernel))
    bias = rng.integers(-(2**27), 2**27, 3)
    inputs = rng.integers(0, 4096, (3, *grid))
    layer = Depthwise(weight, bias, input_limit=4095)
    found = activate(layer.accumulate(inputs.astype(np.float64)))
    radius = kernel // 2
    for channel, row, column in np.ndindex(3, *grid):
        total = int(bias[channel])
        for i, j in np.ndindex(kernel, kernel):
            y, x = row + i - radius, column + j - radius
            if 0 <= y < grid[0] and 0 <= x < grid[1]:
                total += int(weight[channel, i, j]) * int(inputs[channel, y, x])
        assert found[channel, row, column] == _reference_activation(total)


@pytest.mark.parametrize("together", [1, 2, 5])
def test_a_depthwise_layer_may_take_its_channels_in_any_parts(monkeypatch, together):
    rng = np.random.default_rng(5)
    weight = rng.integers(-32768, 32768, (5, 3, 3))
    layer = Depthwise(weight, rng.integers(-99, 99, 5), input_limit=4095)
    inputs = rng.integers(0, 4096, (5, 6, 7)).astype(np.float64)
    at_once = layer.accumulate(inputs)
    monkeypatch.setattr(integer_network, "CACHED", together * 6 * (7 + 2))
    assert np.array_equal(layer.accumulate(inputs), at_once)


@pytest.mark.parametrize(
    ("accumulator", "activation"),
    [(2047, 0), (2048, 1), (-2049, 0), (6143, 1), (6144, 2), (2**40, 4095)],
)
def test_a_half_is_rounded_up_and_the_ends_are_clamped(accumulator, activation):
    layer = Dense(np.array([[1]]), np.array([0]), input_limit=2**41, shift=HIDDEN_SHIFT)
    assert activate(layer.accumulate(np.array([[float(accumulator)]]))) == activation


def test_a_sum_that_float64_may_not_hold_is_refused():
    half = 2 ** (HIDDEN_SHIFT - 1)
    weight, bias = np.array([[2**51, -(2**52)], [0, 0]]), np.array([0, 0])
    bias[0] = 2**53 - 2**52 - 2**51 - half - 1
    Dense(weight, bias, input_limit=1, shift=HIDDEN_SHIFT)
    with pytest.raises(ModelError, match=r"2\*\*53"):
        Dense(weight, bias + 1, input_limit=1, shift=HIDDEN_SHIFT)
    with pytest.raises(ModelError, match=r"2\*\*53"):
        Depthwise(np.full((2, 3, 3), -(2**40)), bias, input_limit=4095)


def test_the_offsets_count_in_the_proof_of_an_output_layer():
    weight, bias = np.zeros((2, 1)), np.array([-(2**52), 0])
    offsets = np.zeros((101, 2), np.int64)
    OutputLayer(weight, bias, offsets)
    offsets[17, 0] = -(2**52)
    with pytest.raises(ModelError, match=r"2\*\*53"):
        OutputLayer(weight, bias, offsets)


def test_pixels_are_shuffled_in_the_channel_order_of_torch():
    inputs = np.arange(8 * 2 * 3, dtype=np.float64).reshape(8, 2, 3)
    outputs = shuffle_pixels(inputs)
    assert outputs.shape == (2, 4, 6)
    for channel, row, column in np.ndindex(2, 4, 6):
        source = 4 * channel + 2 * (row % 2) + column % 2
        assert outputs[channel, row, column] == inputs[source, row // 2, column // 2]
