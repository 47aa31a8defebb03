"""`startup` and `seams`: what they count, never how long anything takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.photographs import large_photograph
from benchmarks.rounds import interleaved
from benchmarks.seams import near_borders
from benchmarks.startup import BASELINE, summarise

PYTHON = [sys.executable, "-c"]


def test_the_ratio_is_that_of_the_medians() -> None:
    rows = summarise({BASELINE: [1.0, 9.0, 2.0], "other": [3.0, 5.0, 90.0]})
    assert rows[BASELINE].ratio == 1
    assert rows["other"].ratio == 2.5
    assert rows["other"].maximum_seconds == 90


def test_each_command_runs_in_each_round_and_a_warm_up_is_not_counted(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    commands = {
        name: [*PYTHON, f"open({str(log)!r}, 'a').write({name!r})"] for name in "ab"
    }
    after = []
    seconds = interleaved(
        commands,
        rounds=2,
        warm_up=1,
        after=lambda: after.append(log.read_text()),
    )
    assert after == ["a", "ab", "aba", "abab", "ababa", "ababab"]
    assert [len(values) for values in seconds.values()] == [2, 2]


def test_a_failing_command_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        interleaved({"fails": [*PYTHON, "raise SystemExit(3)"]}, rounds=1)


def test_borders_of_tiles_are_near_and_the_edge_of_the_image_is_not() -> None:
    mask = near_borders((100, 2100))
    assert np.flatnonzero(mask[50]).tolist() == [
        *(702, 703, 704, 705),  # three windows of 11 cells each
        *(1022, 1023, 1024, 1025),
        *(1406, 1407, 1408, 1409),
        *(2046, 2047, 2048, 2049),
    ]
    assert (mask == mask[:1]).all()


def test_the_large_photograph_continues_without_a_jump() -> None:
    pixels = np.asarray(large_photograph(3400, 40)).astype(int)
    assert pixels.shape == (40, 3400, 3)
    assert (pixels[:, 1600] == pixels[:, 1599]).all()
    assert (pixels[:, 3200] == pixels[:, 3199]).all()
    assert (pixels[:, :100] == pixels[:, 3199:3099:-1]).all()
