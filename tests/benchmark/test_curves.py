from __future__ import annotations

import pytest

from vaecodec.benchmark.curves import (
    Curve,
    curve_of,
    not_rising,
    rising_part,
    score_at,
)
from vaecodec.benchmark.records import RatePoint

CURVE = Curve("a", (0.1, 0.2, 0.4, 0.8), (28.0, 31.0, 34.0, 37.0), "synthetic")


def test_falls_are_found_by_position() -> None:
    assert not_rising([1, 2, 2, 3, 1]) == [2, 4]
    assert not_rising([1.0, float("nan"), 3.0]) == [1, 2]


def test_points_that_another_beats_are_no_part_of_the_curve() -> None:
    bent = Curve("b", (0.4, 0.1, 0.2, 0.2, 0.8), (34.0, 28.0, 27.0, 31.0, 33.0), "")
    part = rising_part(bent)
    assert (part.bpp, part.score) == ((0.1, 0.2, 0.4), (28.0, 31.0, 34.0))


def test_between_the_points_the_score_follows_the_logarithm_of_the_rate() -> None:
    assert score_at(CURVE, 0.4) == pytest.approx(34, abs=0.01)
    assert score_at(CURVE, 0.2 * 2**0.5) == pytest.approx(32.5, abs=0.01)


@pytest.mark.parametrize("bpp", [0.09, 0.81])
def test_outside_the_points_there_is_no_score(bpp: float) -> None:
    assert score_at(CURVE, bpp) is None


def test_points_without_the_metric_are_left_out() -> None:
    scores = {1.0: {"m": 2.0}, 2.0: {"m": None}, 3.0: {}}
    points = [RatePoint(quality=0, bpp=r, scores=s) for r, s in scores.items()]
    assert curve_of("c", points, "m") == Curve("c", (1.0,), (2.0,), "")
