"""`startup` and `memory`: what they count, never how long anything takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.images import large_photograph
from benchmarks.memory import border_mask, border_psnr, run_measured
from benchmarks.startup import BASELINE, interleaved, summarise

PYTHON = [sys.executable, "-c"]


def test_the_ratio_is_that_of_the_medians() -> None:
    rows = summarise({BASELINE: [1.0, 9.0, 2.0], "other": [3.0, 5.0, 90.0]})
    assert rows[BASELINE]["ratio"] == 1
    assert rows["other"]["ratio"] == 2.5
    assert rows["other"]["maximum_seconds"] == 90


def test_each_command_runs_in_each_round_and_the_first_is_not_counted(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    commands = {
        name: [*PYTHON, f"open({str(log)!r}, 'a').write({name!r})"] for name in "ab"
    }
    seconds = interleaved(commands, rounds=2)
    assert log.read_text() == "ababab"
    assert [len(values) for values in seconds.values()] == [2, 2]


def test_a_failing_command_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        interleaved({"fails": [*PYTHON, "raise SystemExit(3)"]}, rounds=1)
    with pytest.raises(RuntimeError, match="exit code 3"):
        run_measured([*PYTHON, "raise SystemExit(3)"])


def test_the_peak_holds_what_the_process_allocated() -> None:
    _, peak = run_measured([*PYTHON, "b'x' * 300_000_000"])
    assert peak > 300_000_000


def test_the_border_is_two_samples_on_either_side_of_inner_lines() -> None:
    mask = border_mask((16, 40), side=16, offset=0)
    columns = np.flatnonzero(mask[8])
    assert columns.tolist() == [14, 15, 16, 17, 30, 31, 32, 33]
    assert (mask == mask[:1]).all()
    moved = border_mask((16, 40), side=16, offset=6)
    assert np.flatnonzero(moved[:, 0]).tolist() == [4, 5, 6, 7]


def test_an_error_at_the_window_border_is_seen_there_only() -> None:
    original = np.full((64, 2100, 3), 100, np.uint8)
    decoded = original + np.uint8(1)
    decoded[:, 2046:2050] = 110
    result = border_psnr(original, decoded)
    assert result["windows"]["borders"] == pytest.approx(28.131)
    assert result["windows"]["elsewhere"] == pytest.approx(48.131)
    assert result["windows"]["same_stripes_moved"] == pytest.approx(48.131)


def test_an_image_without_inner_borders_has_no_border_psnr() -> None:
    image = np.zeros((100, 1000, 3), np.uint8)
    assert border_psnr(image, image)["windows"]["borders"] is None


def test_the_large_photograph_continues_without_a_jump() -> None:
    pixels = np.asarray(large_photograph(3400, 40)).astype(int)
    assert pixels.shape == (40, 3400, 3)
    assert (pixels[:, 1600] == pixels[:, 1599]).all()
    assert (pixels[:, 3200] == pixels[:, 3199]).all()
    assert (pixels[:, :100] == pixels[:, 3199:3099:-1]).all()
