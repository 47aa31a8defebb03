"""What more time for compressing brings: the page, its table and its picture."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import effort
from benchmarks.effort_records import Effort, Row
from benchmarks.plot_effort import draw, table
from vaecodec.benchmark.json_files import read_record

BITS, SCORES = (0.1, 0.2, 0.3, 0.4, 0.5), (10.0, 30.0, 45.0, 55.0, 60.0)


def result(**rows: float) -> Effort:
    """Rows that need so many times the bits of AVIF at speed 6."""
    stored = read_record(Effort, effort.RESULT)
    made = [
        Row("AVIF 4:4:4", level, 0.5, tuple(f * b for b in BITS), SCORES, SCORES)
        for level, f in {"speed 6": 1.0, **rows}.items()
    ]
    return Effort(2, tuple(made), stored.conditions)


def test_the_page_says_what_was_measured() -> None:
    assert effort.main(["--check"]) == 0


def test_a_page_that_says_anything_else_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(effort, "table", lambda _: "nothing")
    assert effort.main(["--check"]) == 1


def test_bits_are_those_for_the_same_score() -> None:
    lines = table(result(fast=1.25, slow=0.9)).splitlines()
    found = [line.split("|")[-2].strip() for line in lines[4:]]
    assert found == ["+0.0 %", "+25.0 %", "-10.0 %"]


def test_every_setting_has_its_point() -> None:
    figure = draw(result(fast=1.25, slow=0.9))
    [line] = figure.axes[0].get_lines()
    assert np.asarray(line.get_ydata()).tolist() == pytest.approx([0, 25, -10], abs=0.1)


def test_each_family_is_measured_from_the_fastest_on() -> None:
    names = [(each.family, each.level) for each in effort.settings()]
    assert ("AVIF 4:4:4", "speed 6") in names
    assert names.index(("vaecodec, psnr", "effort 3")) == 3
