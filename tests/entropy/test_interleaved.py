from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.entropy.interleaved import (
    LEAST,
    MOST_STEPS,
    SYMBOLS,
    Laws,
    decode,
    encode,
    lanes,
)
from vaecodec.errors import FormatError

CERTAIN = 0  # the law under which all symbols are 5


def frequencies() -> NDArray[np.uint16]:
    """A law of one symbol, one with all of them, and one with a few."""
    counts = np.zeros((3, SYMBOLS), np.uint16)
    counts[CERTAIN, 5 - LEAST] = 4096
    counts[1] = 1
    counts[1, :2] += np.uint16((4096 - SYMBOLS) // 2)
    counts[2, [0, 7, 255]] = 4000, 95, 1
    return counts


LAWS = Laws(frequencies())


def drawn(count: int, seed: int = 1) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 3, count).astype(np.uint8)
    slots = rng.integers(0, 4096, count)
    found = LAWS.slots[rows.astype(int) * 4096 + slots]
    return found.astype(np.uint8).view(np.int8), rows


@pytest.mark.parametrize("count", [1, 2, 1023, 1024, 1025, 2049, 30_000])
def test_all_symbols_come_back(count: int) -> None:
    symbols, rows = drawn(count)
    np.testing.assert_array_equal(
        decode(encode(symbols, LAWS, rows), LAWS, rows), symbols
    )


def test_payloads_are_as_long_as_the_laws_say() -> None:
    symbols, rows = drawn(30_000)
    shares = LAWS.counts[LAWS.entries(symbols, rows)] / 4096
    size = len(encode(symbols, LAWS, rows)) - 4 * lanes(rows.size)
    assert size <= -np.log2(shares).sum() / 8 + 2 * lanes(rows.size)


def test_what_is_certain_takes_no_space() -> None:
    symbols, rows = np.full(5000, 5, np.int8), np.full(5000, CERTAIN, np.uint8)
    assert len(encode(symbols, LAWS, rows)) == 4 * lanes(5000)


@pytest.mark.parametrize("count", [1, 1024, 1025, 4096, 4097, 2**23])
def test_there_are_so_many_lanes_that_steps_are_few(count: int) -> None:
    found = lanes(count)
    assert count <= found * MOST_STEPS
    assert found == 1 or count > found // 2 * MOST_STEPS
    assert found & (found - 1) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-2],
        lambda data: data[:-1],
        lambda data: data[:6],
        lambda data: b"",
        lambda data: data + b"\0\0",
        lambda data: b"\0\0\0\0" + data[4:],
        lambda data: data[2:] + data[:2],
    ],
)
def test_a_payload_that_does_not_end_with_its_symbols_is_refused(change: Any) -> None:
    symbols, rows = drawn(3000)
    with pytest.raises(FormatError, match="coded part"):
        decode(change(encode(symbols, LAWS, rows)), LAWS, rows)


@pytest.mark.parametrize("change", [1, -1])
def test_a_law_with_another_sum_is_refused(change: int) -> None:
    counts = frequencies().astype(int)
    counts[2, 0] += change
    with pytest.raises(FormatError, match="sum"):
        Laws(counts.astype(np.uint16))
