"""Stored results can be read by the program that writes them today."""

from __future__ import annotations

import pytest

from benchmarks.features import FeatureResult
from benchmarks.file_calls import FileCalls
from benchmarks.image_sets import SetResult
from benchmarks.many_files import ManyFiles
from benchmarks.memory import MEGAPIXELS, MemoryResult
from benchmarks.quality_scale import QualityScale
from benchmarks.referee import METRIC, QUALITIES
from benchmarks.script import RESULTS
from benchmarks.seams import Seams
from benchmarks.startup import Startup
from vaecodec.benchmark.anchors import covers_anchors
from vaecodec.benchmark.json_files import read_record
from vaecodec.benchmark.records import Summary
from vaecodec.benchmark.results import load_results


def test_results_of_codecs_and_their_summary() -> None:
    results = load_results(RESULTS / "kodak")
    summary = read_record(Summary, RESULTS / "kodak" / "summary.json")
    assert {*summary.codecs} == {*results}
    assert all(covers_anchors(result.images) for result in results.values())


def test_other_pictures_and_the_referee() -> None:
    paths = sorted((RESULTS / "held_out").glob("*.json"))
    assert [read_record(SetResult, path).set for path in paths] == [
        path.stem for path in paths
    ]
    referee = read_record(SetResult, RESULTS / "referee.json")
    assert {*referee.means} == {*QUALITIES}
    assert {*referee.bd_rates[METRIC]} == {*referee.models}


def test_processes_seams_and_qualities() -> None:
    sizes = read_record(MemoryResult, RESULTS / "memory.json").sizes
    assert [row.megapixels for row in sizes] == pytest.approx(MEGAPIXELS, rel=0.01)
    assert read_record(Seams, RESULTS / "seams.json").qualities[0].samples > 30_000
    assert "vaecodec info" in read_record(Startup, RESULTS / "startup.json").commands
    assert "-j 2" in read_record(ManyFiles, RESULTS / "many_files.json").commands
    scale = read_record(QualityScale, RESULTS / "quality_scale.json")
    assert [row.quality for row in scale.qualities] == [*range(0, 101, 10)]


def test_what_pipelines_measured() -> None:
    assert read_record(FileCalls, RESULTS / "file_calls.json").named[0] == 11
    assert read_record(FeatureResult, RESULTS / "features.json").classes == 10
    training = pytest.importorskip("benchmarks.training_on_files")
    path = RESULTS / "training_on_files.json"
    assert read_record(training.TrainingOnFiles, path).pictures == 1200
    loading = pytest.importorskip("benchmarks.loading")
    assert read_record(loading.Loading, RESULTS / "loading.json").crop == loading.CROP
