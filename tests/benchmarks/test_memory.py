"""The benchmark of memory: what it counts."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.memory import (
    Files,
    How,
    commands,
    decode_region,
    elsewhere,
    psnr_of_files,
    run_measured,
    write_photograph,
)
from benchmarks.memory_rows import Cost, RegionCost, SizeRow
from benchmarks.plot_memory import CURVES, draw

PYTHON = [sys.executable, "-c"]
SMALL_MODEL = str(Path(__file__).parents[1] / "golden" / "quadrants.safetensors")


def test_the_peak_holds_what_the_process_allocated() -> None:
    _, peak = run_measured([*PYTHON, "b'x' * 300_000_000"])
    assert peak > 300_000_000


def test_a_failing_command_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        run_measured([*PYTHON, "raise SystemExit(3)"])


@pytest.mark.parametrize("model", ["", SMALL_MODEL])
def test_the_processes_compress_and_read_what_was_written(
    tmp_path: Path, model: str
) -> None:
    names = "a.png", "a.raw", "a.vaec", "b.png"
    files, how = Files(*(tmp_path / name for name in names)), How(1, model)
    write_photograph(files.image, files.samples, 300, 200)
    for command in commands(files, 300, 200, how).values():
        _, peak = run_measured(command)
        assert peak > np.prod((300, 200, 3))
    found = elsewhere(decode_region, files.compressed, how)
    assert found.x_y_width_height == (0, 0, 300, 200)
    assert 1 <= found.share_of_file_read < 1.1
    assert psnr_of_files(files.image, files.decoded) > 10


def test_the_plot_has_a_line_for_every_measurement() -> None:
    cost = Cost(peak_mib=2.0, seconds=1.0, beside_samples_mib=1.0)
    row = SizeRow(
        megapixels=1,
        **{name: cost for name, *_ in CURVES},
        region=RegionCost((0, 0, 1, 1), 0.5, 1.0),
        width=1000,
        height=1000,
        bytes=1,
        psnr_db=30.0,
    )
    [axes] = draw([row, replace(row, megapixels=6)]).axes
    assert [list(line.get_ydata()) for line in axes.lines] == [
        [getattr(cost, key)] * 2 for _, key, *_ in CURVES
    ]
