from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bd_rate import bd_rate, bd_rates, not_rising
from benchmarks.curves import Curve, load_anchors


def make_curve(name: str, *, scale: float = 1.0, psnr: np.ndarray) -> Curve:
    """A codec whose rate doubles about every 3 dB, times `scale`."""
    rate = scale * 0.1 * 2 ** ((psnr - 28) / 3) * (1 + 0.01 * np.sin(psnr))
    return Curve(name, tuple(rate), tuple(psnr), source="synthetic")


def test_a_codec_against_itself_is_zero() -> None:
    curve = make_curve("a", psnr=np.linspace(28, 40, 9))
    result = bd_rate(curve, curve)
    assert result.percent == pytest.approx(0, abs=1e-9)
    assert (result.low_db, result.high_db) == (28, 40)


def test_ten_percent_less_rate_is_minus_ten_percent() -> None:
    psnr = np.linspace(28, 40, 9)
    tested, anchor = make_curve("t", scale=0.9, psnr=psnr), make_curve("a", psnr=psnr)
    assert bd_rate(tested, anchor).percent == pytest.approx(-10, abs=1e-6)
    assert bd_rate(anchor, tested).percent == pytest.approx(100 / 9, abs=1e-6)


def test_ten_percent_is_found_between_other_points_over_the_common_range() -> None:
    tested = make_curve("t", scale=0.9, psnr=np.linspace(29, 43, 15))
    result = bd_rate(tested, make_curve("a", psnr=np.linspace(27, 40, 11)))
    assert result.percent == pytest.approx(-10, abs=0.1)
    assert (result.low_db, result.high_db) == (29, 40)


def test_curves_with_little_in_common_are_refused() -> None:
    low = make_curve("low", psnr=np.linspace(25, 33, 5))
    high = make_curve("high", psnr=np.linspace(30, 42, 5))
    with pytest.raises(ValueError, match=r"share 3\.00 dB, at least 4\.00 dB"):
        bd_rate(low, high)
    with pytest.raises(ValueError, match=r"share 0\.00 dB"):
        bd_rate(low, make_curve("far", psnr=np.linspace(34, 42, 5)))


def test_three_points_are_refused() -> None:
    few = make_curve("few", psnr=np.linspace(28, 40, 3))
    with pytest.raises(ValueError, match="few: 3 points, at least 4"):
        bd_rate(few, make_curve("a", psnr=np.linspace(28, 40, 9)))


@pytest.mark.parametrize("name", ["bits_per_pixel", "psnr_db"])
def test_a_curve_that_does_not_rise_is_refused(name: str) -> None:
    curve = make_curve("a", psnr=np.linspace(28, 40, 5))
    values = list(getattr(curve, name))
    values[3] = values[2]
    bent = Curve(**(vars(curve) | {"name": "bent", name: tuple(values)}))
    with pytest.raises(ValueError, match=rf"bent: {name} does not rise at points \[3"):
        bd_rate(curve, bent)


def test_falls_are_found_by_position() -> None:
    assert not_rising([1, 2, 2, 3, 1]) == [2, 4]
    assert not_rising([1.0, float("nan"), 3.0]) == [1, 2]


def test_stored_webp_against_stored_jpeg_is_the_published_value() -> None:
    anchors = load_anchors()
    result = bd_rate(anchors["webp"], anchors["jpeg"])
    assert result.percent == pytest.approx(-36.18, abs=0.01)
    assert (result.low_db, result.high_db) == pytest.approx((28.33, 40.56), abs=0.01)


def test_stored_curves_against_vtm_are_the_published_values() -> None:
    vtm = {"vtm": load_anchors()["vtm"]}
    published = {
        "jpeg": 208.49,
        "jpeg2000": 97.97,
        "bpg444": 21.99,
        "hm": 23.31,
        "av1": 16.18,
        "bmshj2018-hyperprior": 30.49,
        "mbt2018-mean": 21.28,
    }
    found = {k: bd_rates(load_anchors()[k], vtm)["vtm"]["percent"] for k in published}
    assert found == pytest.approx(published, abs=0.02)


def test_a_refusal_stands_in_the_result_with_its_reason() -> None:
    few = make_curve("few", psnr=np.linspace(28, 40, 3))
    assert bd_rates(few, {"few": few}) == {
        "few": {"refused": "few: 3 points, at least 4"}
    }
