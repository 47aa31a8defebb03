from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmark.synthetic import make_image, make_point, make_result
from vaecodec.benchmark.conditions import command_line, conditions
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.results import falls, file_name, load_results, means


def test_a_failed_write_leaves_the_old_result(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"a": float("inf")})
    assert json.loads(path.read_text()) == {"a": 1}


def test_a_fall_is_reported_by_image_and_quality() -> None:
    rows = [(1, 10, 30.0), (5, 12, 31.0), (9, 12, 30.5)]
    points = [make_point(q, size=b, scores={"psnr-rgb": p}) for q, b, p in rows]
    assert falls([make_image("a.png", *points)]) == (
        "a.png: bytes at quality 9",
        "a.png: psnr-rgb at quality 9",
    )


def test_a_quality_that_one_image_lacks_has_no_mean() -> None:
    images = [make_image("a", make_point(10), make_point(20))]
    images.append(make_image("b", make_point(20)))
    assert [mean.quality for mean in means(images)] == [20]


def test_ms_ssim_in_decibels_is_that_of_the_mean() -> None:
    images = [
        make_image("a", make_point(1, scores={"ms-ssim-rgb": r, "ms-ssim-rgb-db": 0}))
        for r in (0.9, 0.98)
    ]
    (mean,) = means(images)
    assert mean.scores["ms-ssim-rgb-db"] == pytest.approx(12.2185, abs=1e-4)


def test_results_come_in_reading_order_and_a_summary_is_none(tmp_path: Path) -> None:
    for codec in ("avif-420", "m:Own", "jpeg-420", "vaecodec"):
        result = make_result(codec, codec, scale=1.0)
        write_json(tmp_path / file_name(codec), result)
    write_json(tmp_path / "summary.json", {"codecs": []})
    assert [*load_results(tmp_path)] == ["vaecodec", "jpeg-420", "avif-420", "m:Own"]


def test_ones_own_codec_cannot_take_the_file_of_another() -> None:
    assert file_name("mine:webp") == "mine.webp.json"


def test_the_recorded_command_names_no_folder_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    words = [str(tmp_path / "kodak"), "-o", "results/x", str(here / "a" / "b")]
    assert command_line("program", words) == "program kodak -o results/x a/b"


def test_conditions_name_versions_and_the_processor() -> None:
    found = conditions(command="x", threads=1)
    assert found.versions["libjpeg-turbo"]
    assert found.versions["bjontegaard"]
    assert found.cpu
    assert found.threads == 1
