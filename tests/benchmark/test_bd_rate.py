from __future__ import annotations

import numpy as np
import pytest

from vaecodec.benchmark.bd_rate import compare, comparisons
from vaecodec.benchmark.curves import Curve
from vaecodec.benchmark.records import Refusal


def make_curve(name: str, *, scale: float = 1.0, psnr: np.ndarray) -> Curve:
    """A codec whose rate doubles about every 3 dB, times `scale`."""
    rate = scale * 0.1 * 2 ** ((psnr - 28) / 3) * (1 + 0.01 * np.sin(psnr))
    return Curve(name, tuple(rate), tuple(psnr), source="synthetic")


def test_a_codec_against_itself_is_zero() -> None:
    curve = make_curve("a", psnr=np.linspace(28, 40, 9))
    result = compare(curve, curve)
    assert (result.percent, result.gain) == pytest.approx((0, 0), abs=1e-9)
    assert (result.low, result.high, result.overlap) == (28, 40, 1)


def test_ten_percent_less_rate_is_minus_ten_percent() -> None:
    psnr = np.linspace(28, 40, 9)
    tested, anchor = make_curve("t", scale=0.9, psnr=psnr), make_curve("a", psnr=psnr)
    assert compare(tested, anchor).percent == pytest.approx(-10, abs=1e-6)
    assert compare(anchor, tested).percent == pytest.approx(100 / 9, abs=1e-6)


def test_half_a_decibel_more_is_a_gain_of_half_a_decibel() -> None:
    anchor = make_curve("a", psnr=np.linspace(28, 40, 9))
    better = Curve("b", anchor.bpp, tuple(s + 0.5 for s in anchor.score), "synthetic")
    assert compare(better, anchor).gain == pytest.approx(0.5, abs=1e-6)
    assert compare(anchor, better).gain == pytest.approx(-0.5, abs=1e-6)


def test_ten_percent_is_found_between_other_points_over_the_common_range() -> None:
    tested = make_curve("t", scale=0.9, psnr=np.linspace(29, 43, 15))
    result = compare(tested, make_curve("a", psnr=np.linspace(27, 40, 11)))
    assert result.percent == pytest.approx(-10, abs=0.1)
    assert (result.low, result.high) == (29, 40)
    assert result.overlap == pytest.approx(11 / 13)


def test_curves_with_little_in_common_are_refused() -> None:
    low = make_curve("low", psnr=np.linspace(25, 33, 5))
    high = make_curve("high", psnr=np.linspace(30, 42, 5))
    with pytest.raises(ValueError, match=r"low and high share 38% .* least 50%"):
        compare(low, high)
    with pytest.raises(ValueError, match="share 0%"):
        compare(low, make_curve("far", psnr=np.linspace(34, 42, 5)))


def test_three_points_are_refused() -> None:
    few = make_curve("few", psnr=np.linspace(28, 40, 3))
    with pytest.raises(ValueError, match="few: 3 rising points, at least 4"):
        compare(few, make_curve("a", psnr=np.linspace(28, 40, 9)))


def test_a_point_below_another_is_left_out_and_flagged() -> None:
    curve = make_curve("a", psnr=np.linspace(28, 40, 9))
    score = list(curve.score)
    score[4] = score[2] - 1
    bent = Curve("bent", curve.bpp, tuple(score), "synthetic")
    result = compare(bent, curve)
    assert result.flags == ("bent falls: 1 points left out",)
    assert result.percent == pytest.approx(0, abs=0.5)


def test_equal_points_do_not_make_four() -> None:
    same = Curve("same", (0.1, 0.1, 0.2, 0.3), (30, 30, 33, 35), "synthetic")
    with pytest.raises(ValueError, match="same: 3 rising points"):
        compare(same, make_curve("a", psnr=np.linspace(28, 40, 9)))


def test_far_apart_rates_have_no_gain_but_a_rate() -> None:
    psnr = np.linspace(28, 40, 9)
    tested = make_curve("t", scale=40, psnr=psnr)
    result = compare(tested, make_curve("a", psnr=psnr))
    assert result.gain is None
    assert result.percent == pytest.approx(3900)


def test_a_refusal_stands_in_the_result_with_its_reason() -> None:
    few = make_curve("few", psnr=np.linspace(28, 40, 3))
    assert comparisons(few, {"few": few}) == {
        "few": Refusal("few: 3 rising points, at least 4")
    }
