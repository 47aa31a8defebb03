"""Whole runs on small pictures: what they measure, keep, and write."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vaecodec.benchmark.plan import Plan, spread_qualities
from vaecodec.benchmark.records import CodecResult, ProcessCost
from vaecodec.benchmark.run import run_benchmark, summarise
from vaecodec.benchmark.write import write_everything

OWN = "tests.benchmark.own_codecs"


def plan_of(folder: Path, output: Path, model: Path) -> Plan:
    """Vaecodec and three JPEGs."""
    return Plan(
        folder=folder,
        output=output,
        command="vaecodec benchmark pictures",
        against=("jpeg",),
        qualities=(10, 40, 60, 80),
        model=str(model),
        repeats=1,
    )


@pytest.fixture
def plan(folder: Path, tmp_path: Path, model: Path) -> Plan:
    return plan_of(folder, tmp_path / "out", model)


@pytest.fixture(scope="module")
def measured(
    unchanged_folder: Path, tmp_path_factory: pytest.TempPathFactory, model: Path
) -> Plan:
    """A plan that was carried out, whose files must stay as they are."""
    plan = plan_of(unchanged_folder, tmp_path_factory.mktemp("measured"), model)
    codecs = plan.codecs()
    list(write_everything(plan, codecs, measure(plan)))
    return plan


def measured_before(plan: Plan, measured: Plan) -> None:
    """Let a plan find the results of the same one, their rows marked as old."""
    summary = shutil.ignore_patterns("summary.json")
    shutil.copytree(measured.output, plan.output, ignore=summary)
    mark(plan)


def measure(plan: Plan) -> dict[str, CodecResult]:
    return run_benchmark(plan, plan.codecs(), done=lambda count: None)


def stored(plan: Plan, name: str) -> Any:
    return json.loads((plan.output / name).read_text("utf-8"))


def test_a_result_holds_every_image_and_quality(measured: Plan) -> None:
    result = stored(measured, "vaecodec.json")
    names = [image["name"] for image in result["images"]]
    assert names == ["cup.png", "face.png", "gray.png"]
    for image in result["images"]:
        assert (image["width"], image["height"]) == (192, 176)
        assert [point["quality"] for point in image["points"]] == [10, 40, 60, 80]
        for point in image["points"]:
            rate = 8 * point["bytes"] / (192 * 176)
            assert point["bpp"] == pytest.approx(rate, abs=1e-6)
    assert result["image_count"] == result["planned_images"] == 3
    assert result["conditions"]["threads"] == 1
    assert re.fullmatch("[0-9a-f]{16}-[0-9a-f]{8}", result["model_id"])
    assert result["process"]["peak_mib"] > result["process"]["before_mib"] > 1
    assert "bd_rates" not in result


def test_means_are_means_of_the_images(measured: Plan) -> None:
    result = stored(measured, "jpeg-420.json")
    psnrs = [image["points"][4]["psnr-rgb"] for image in result["images"]]
    assert result["means"][4]["psnr-rgb"] == pytest.approx(np.mean(psnrs), abs=1e-5)
    assert result["means"][4]["quality"] == result["images"][0]["points"][4]["quality"]
    assert result["not_monotonic"] == []


def test_the_bytes_are_those_of_a_file(measured: Plan, tmp_path: Path) -> None:
    point = stored(measured, "jpeg-420.json")["images"][0]["points"][3]
    written = tmp_path / "written.jpg"
    options = {"subsampling": "4:2:0", "optimize": True, "progressive": True}
    with Image.open(measured.folder / "cup.png") as image:
        image.save(written, quality=point["quality"], **options)
    assert written.stat().st_size == point["bytes"]


class Interruption(Exception):
    """Stands for ^C, in the middle of a run."""


def interrupt(plan: Plan, *, after: int) -> None:
    images = 0

    def done(count: int) -> None:
        nonlocal images
        images += 1
        if images == after:
            raise Interruption

    with pytest.raises(Interruption):
        run_benchmark(plan, plan.codecs(), done=done)


def runs(result: CodecResult) -> list[str | None]:
    return [image.run for image in result.images]


def mark(plan: Plan) -> None:
    """Name the run of every stored row "old"."""
    for path in plan.output.glob("*.json"):
        result = json.loads(path.read_text("utf-8"))
        for row in result["images"]:
            row["run"] = "old"
        path.write_text(json.dumps(result), "utf-8")


def test_an_interrupted_run_goes_on_where_it_ended(plan: Plan) -> None:
    interrupt(plan, after=2)
    partial = stored(plan, "jpeg-420.json")
    assert (partial["image_count"], partial["planned_images"]) == (2, 3)
    mark(plan)
    for result in measure(plan).values():
        assert runs(result)[:2] == ["old", "old"]
        assert runs(result)[2] != "old"
    assert not summarise(plan, measure(plan)).one_run


def test_other_settings_or_a_changed_image_are_measured_anew(
    plan: Plan, measured: Plan
) -> None:
    measured_before(plan, measured)
    plan.qualities = (10, 40, 60, 90)
    face = plan.folder / "face.png"
    with Image.open(face) as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(face)
    results = measure(plan)
    assert "old" not in runs(results["vaecodec"])
    assert [run == "old" for run in runs(results["jpeg-420"])] == [True, False, True]


def test_force_measures_everything_again(plan: Plan, measured: Plan) -> None:
    measured_before(plan, measured)
    plan.fresh = True
    plan.against = ()
    assert "old" not in runs(measure(plan)["vaecodec"])


def test_a_failing_and_an_absent_codec_are_listed_and_stop_nothing(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pillow_jxl", None)
    plan.against, plan.own = ("jpeg", "jxl"), (f"{OWN}:Throws", f"{OWN}:Works")
    codecs = plan.codecs()
    results = run_benchmark(plan, codecs, done=lambda count: None)
    lines = list(write_everything(plan, codecs, results))
    summary = stored(plan, "summary.json")
    assert "jxl" in summary["absent"]
    assert len(summary["failed"][f"{OWN}:Throws"]) == 12
    failed = ProcessCost(failed="RuntimeError: no luck today")
    assert results[f"{OWN}:Throws"].process == failed
    assert f"{OWN}:Throws" not in summary["bd_rates"]["psnr-rgb"]
    assert f"{OWN}:Works" in summary["bd_rates"]["psnr-rgb"]["vaecodec"]
    assert any("Throws failed 12 times" in line for line in lines)
    assert any(line.startswith("jxl is absent: ") for line in lines)
    page = (plan.output / "report.html").read_text("utf-8")
    assert "&lt;b&gt;Throws&lt;/b&gt; failed" in page
    assert "jxl is absent" in page


def test_one_quality_makes_a_report_without_a_curve(plan: Plan) -> None:
    plan.against, plan.qualities = (), (50,)
    codecs = plan.codecs()
    list(write_everything(plan, codecs, measure(plan)))
    page = (plan.output / "report.html").read_text("utf-8")
    assert "Too few points for a curve" in page


def test_the_table_has_a_line_for_every_file_and_mean(measured: Plan) -> None:
    with (measured.output / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == (3 + 1) * (4 + 3 * 12)
    row = next(r for r in rows if r["image"] == "cup.png" and r["quality"] == "80")
    point = stored(measured, "vaecodec.json")["images"][0]["points"][3]
    assert (row["codec"], int(row["bytes"])) == ("vaecodec", point["bytes"])
    assert float(row["psnr-rgb"]) == point["psnr-rgb"]


def test_a_quick_run_takes_three_images_and_five_qualities() -> None:
    assert spread_qualities(range(0, 101, 10), 5) == [0, 20, 50, 70, 100]
    plan = Plan(folder=Path("."), output=Path("."), command="", quick=True)
    codecs = plan.codecs()
    chosen = {key: plan.chosen_qualities(key, codec) for key, codec in codecs.items()}
    assert {len(qualities) for qualities in chosen.values()} == {5}


def test_all_shipped_models_are_measured_unless_one_is_named(model: Path) -> None:
    plan = Plan(folder=Path("."), output=Path("."), command="", against=())
    shipped = plan.codecs()
    assert [*shipped] == ["vaecodec", "vaecodec-psnr"]
    assert len({codec.model_id() for codec in shipped.values()}) == 2
    plan.model = str(model)
    assert [*plan.codecs()] == ["vaecodec"]


@pytest.mark.parametrize(("images", "timings"), [(1, 3), (8, 3), (12, 2), (24, 1)])
def test_fewer_images_are_timed_more_often(
    images: int, timings: int, tmp_path: Path
) -> None:
    for number in range(images):
        (tmp_path / f"{number}.png").touch()
    plan = Plan(folder=tmp_path, output=tmp_path, command="")
    assert plan.timings == timings
    plan.repeats = 5
    assert plan.timings == 5


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no image"):
        Plan(folder=tmp_path, output=tmp_path, command="").images()
