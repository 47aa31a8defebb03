"""The benchmark of memory: what it counts."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.memory import (
    DECODE,
    ENCODE,
    decode_region,
    elsewhere,
    run_measured,
    write_photograph,
)
from benchmarks.plot_memory import CURVES, draw

PYTHON = [sys.executable, "-c"]


def test_the_peak_holds_what_the_process_allocated() -> None:
    _, peak = run_measured([*PYTHON, "b'x' * 300_000_000"])
    assert peak > 300_000_000


def test_a_failing_command_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        run_measured([*PYTHON, "raise SystemExit(3)"])


def test_the_processes_compress_and_read_what_was_written(tmp_path: Path) -> None:
    image, samples, file = (tmp_path / name for name in ("a.png", "a.raw", "a.vaec"))
    write_photograph(image, samples, 300, 200)
    vaecodec = [sys.executable, "-m", "vaecodec"]
    run_measured([*vaecodec, "compress", str(image), "-o", str(file), "--quiet"])
    for script, words in (
        (ENCODE, [str(samples), "200", "300", "1"]),
        (DECODE, [str(file), "1"]),
    ):
        _, peak = run_measured([*PYTHON, script, *words])
        assert peak > np.prod((300, 200, 3))
    found = elsewhere(decode_region, file, 1)
    assert found["x_y_width_height"] == (0, 0, 300, 200)
    assert 1 <= found["share_of_file_read"] < 1.1


def test_the_plot_has_a_line_for_every_measurement() -> None:
    numbers = {"peak_mib": 2.0, "beside_samples_mib": 1.0}
    row = {"megapixels": 1, **{name: numbers for name, *_ in CURVES}}
    [axes] = draw([row, {**row, "megapixels": 6}]).axes
    assert [list(line.get_ydata()) for line in axes.lines] == [
        [numbers[key]] * 2 for _, key, *_ in CURVES
    ]
