from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.plot_training import draw, main, read_logs


def write_log(folder: Path, name: str, *objectives: float) -> None:
    rows = [
        {"images": 40_000 * (number + 1), "log_objective": objective}
        for number, objective in enumerate(objectives)
    ]
    (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")


def test_every_run_is_a_line_with_its_name(tmp_path: Path) -> None:
    write_log(tmp_path, "nano", -0.3, -0.4, -0.45)
    write_log(tmp_path, "base", -0.2, -0.6)
    (axes,) = draw(read_logs(tmp_path)).axes
    lines = [line.get_xydata().tolist() for line in axes.lines]
    assert lines == [
        [[40, -0.2], [80, -0.6]],
        [[40, -0.3], [80, -0.4], [120, -0.45]],
    ]
    assert [text.get_text() for text in axes.texts] == ["base", "nano"]


def test_the_picture_lies_beside_the_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--logs", str(tmp_path)]) == 1
    assert "no log in" in capsys.readouterr().out
    write_log(tmp_path, "nano", -0.3)
    assert main(["--logs", str(tmp_path)]) == 0
    assert (tmp_path / "validation.png").read_bytes().startswith(b"\x89PNG")
