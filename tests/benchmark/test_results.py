from __future__ import annotations

import json
from pathlib import Path

import pytest

from vaecodec.benchmark.conditions import command_line, conditions
from vaecodec.benchmark.results import (
    falls,
    file_name,
    load_results,
    means,
    write_json,
)


def test_a_failed_write_leaves_the_old_result(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"a": float("inf")})
    assert json.loads(path.read_text()) == {"a": 1}


def test_a_fall_is_reported_by_image_and_quality() -> None:
    rows = [(1, 10, 30.0), (5, 12, 31.0), (9, 12, 30.5)]
    points = [{"quality": q, "bytes": b, "psnr-rgb": p} for q, b, p in rows]
    assert falls([{"name": "a.png", "points": points}]) == [
        "a.png: bytes at quality 9",
        "a.png: psnr-rgb at quality 9",
    ]


def test_a_quality_that_one_image_lacks_has_no_mean() -> None:
    def row(*qualities: int) -> dict[str, object]:
        return {"points": [{"quality": q, "bpp": q / 10} for q in qualities]}

    assert [m["quality"] for m in means([row(10, 20), row(20)])] == [20]


def test_ms_ssim_in_decibels_is_that_of_the_mean() -> None:
    rows = [
        {"points": [{"quality": 1, "bpp": 1.0, "ms-ssim-rgb": ratio}]}
        for ratio in (0.9, 0.98)
    ]
    assert means(rows)[0]["ms-ssim-rgb-db"] == pytest.approx(12.2185, abs=1e-4)


def test_results_come_in_reading_order_and_a_summary_is_none(tmp_path: Path) -> None:
    for codec in ("avif-420", "vaecodec", "m:Own"):
        write_json(tmp_path / file_name(codec), {"codec": codec, "means": []})
    write_json(tmp_path / "summary.json", {"codecs": []})
    found = list(load_results(tmp_path, ["vaecodec", "webp", "avif-420"]))
    assert found == ["vaecodec", "avif-420", "m:Own"]


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
    assert found["versions"]["libjpeg-turbo"]
    assert found["versions"]["bjontegaard"]
    assert found["cpu"]
    assert found["threads"] == 1
