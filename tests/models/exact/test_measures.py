from __future__ import annotations

import numpy as np
import pytest

from tests.models.exact.random_programs import Draw, painter
from vaecodec.models.exact.measures import products_per_pixel, reach
from vaecodec.models.exact.operations import Input, Narrow, Shuffle
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.reference import run

DRAW, ZERO = Draw(3), np.zeros(1, np.int8)
GIVEN = Input("x", 4, -128, 127, 16, narrow=True)


def _seen(program: Program) -> int:
    """How far the first 64 rows of pixels depend on what lies below them."""
    given = program.inputs[0]
    shape = given.channels, 512 // given.pixels, 64 // given.pixels
    rng, furthest = np.random.default_rng(1), 0
    quality = np.array([[50]], np.uint8)
    for _ in range(3):
        feed = rng.integers(given.low, given.high + 1, shape)
        before = run(program, {given.name: feed}, quality)
        for row in range(64 // given.pixels, shape[1]):
            changed = feed.copy()
            changed[:, row:] = rng.integers(
                given.low, given.high + 1, changed[:, row:].shape
            )
            after = run(program, {given.name: changed}, quality)
            rows = {n: 64 // program.facts[n].pixels for n in program.outputs}
            if any(
                not np.array_equal(before[n][:, : rows[n]], after[n][:, : rows[n]])
                for n in program.outputs
            ):
                furthest = max(furthest, (row + 1) * given.pixels - 64)
    return furthest


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([DRAW.depthwise("x", "out", 4, 5)], 32),
        ([Shuffle("x", "y", 2), DRAW.depthwise("y", "out", 1, 3)], 16),
        (
            [
                DRAW.depthwise("x", "y", 4, 3),
                Shuffle("y", "z", 2),
                DRAW.depthwise("z", "out", 1, 7),
            ],
            # 3 positions of 8 pixels begin 2 of 16.
            48,
        ),
    ],
)
def test_the_reach_is_how_far_outputs_depend_on_inputs(operations, expected):
    program = Program((GIVEN,), tuple(operations), ("out",))
    assert reach(program) == expected
    assert _seen(program) == expected


def test_the_longest_way_through_a_program_counts():
    program = painter(1)
    assert reach(program) == 2 * (2 * 8) == 32
    assert 0 < _seen(program) <= 32


def test_products_are_counted_at_their_resolution():
    layers = (
        DRAW.pointwise("x", "y", (4, 16)),
        Shuffle("y", "z", 4),
        Narrow("z", "n", ZERO, signed=True),
        DRAW.depthwise("n", "out", 1, 3),
    )
    program = Program((GIVEN,), layers, ("out",))
    assert products_per_pixel(program) == 4 * 16 / 16**2 + 9 / 4**2
