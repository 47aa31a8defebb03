from __future__ import annotations

import pytest

from vaecodec.benchmark.charts import (
    Series,
    chart,
    linear_axis,
    logarithmic_axis,
)

X, Y = linear_axis("rate", 0, 2), linear_axis("score", 24, 40)


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 2, (0, 0.5, 1, 1.5, 2)),
        (23.4, 41.2, (25, 30, 35, 40)),
        (-5, 90, (0, 20, 40, 60, 80)),
    ],
)
def test_an_axis_has_round_marks(
    low: float, high: float, marks: tuple[float, ...]
) -> None:
    assert linear_axis("", low, high).marks == pytest.approx(marks)


def test_a_logarithmic_axis_ends_at_powers_of_ten() -> None:
    axis = logarithmic_axis("", 0.004, 0.3)
    assert axis.marks == pytest.approx((0.001, 0.01, 0.1, 1))
    assert axis.place(0.01) == pytest.approx(1 / 3)
    assert logarithmic_axis("", 0.5, 0.5).marks == pytest.approx((0.1, 1))


def test_what_lies_outside_is_not_drawn() -> None:
    line = ((0.5, 30.0), (1.0, 35.0), (3.0, 45.0))
    one = Series("a", "A & B", line, line, ("p", "q", "r"))
    svg = chart([one], X, Y, size=(900, 500), title="t")
    assert svg.count("<circle") == 2
    assert 'data-tip="r"' not in svg
    assert "A &amp; B" in svg
    nothing = Series("b", "B", ((5.0, 5.0),))
    assert "data-curve" not in chart([nothing], X, Y, size=(900, 500), title="t")


def test_better_is_higher_and_larger_is_right() -> None:
    line = ((0.0, 24.0), (2.0, 40.0))
    svg = chart([Series("a", "a", line)], X, Y, size=(900, 500), title="t")
    path = svg.split('data-curve="a"')[1].split('d="M')[1].split('"')[0]
    (x0, y0), (x1, y1) = (map(float, point.split()) for point in path.split("L"))
    assert x0 < x1
    assert y0 > y1
