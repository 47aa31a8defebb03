from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import pipeline_tables, update_scale
from benchmarks.many_files import FilesTime
from benchmarks.transcoding import Transcoding
from tests.benchmark.synthetic import CONDITIONS
from vaecodec.benchmark.json_files import write_json


def test_the_page_says_what_was_measured() -> None:
    assert update_scale.main(["--check"]) == 0


def test_a_page_that_says_anything_else_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(update_scale.BLOCKS, "recall", lambda: "nothing")
    assert update_scale.main(["--check"]) == 1


def test_a_table_waits_for_its_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_tables, "RESULTS", tmp_path)
    assert pipeline_tables.engines() == "Not measured yet."
    engines = {"-j 2": FilesTime(50, 40, 1), "Dask": FilesTime(54.32, 36.8, 0.92)}
    result = Transcoding(2000, 800, 1, engines, {"-j 2": 1, "Dask": 4}, CONDITIONS)
    write_json(tmp_path / "transcoding.json", result)
    *_, last = pipeline_tables.engines().splitlines()
    assert last == "| Dask | 54.3 | 4.0 | 92 % |"


def test_loaders_and_trained_networks_are_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_tables, "RESULTS", tmp_path)
    write_json(tmp_path / "loading.json", {"rates": {"8 x 8": {"whole": 12.345}}})
    assert pipeline_tables.loading().endswith("| 8 x 8 | 12.3 |")
    row = {"bytes": 900.4, "on_originals": [0.5, 0.6], "on_own_kind": [0.7, 0.7]}
    kinds = {"kinds": {"30": {"JPEG": row}}}
    write_json(tmp_path / "training_on_files.json", kinds)
    assert pipeline_tables.trained().endswith("| 30 | JPEG | 900 | 55.0 % | 70.0 % |")
