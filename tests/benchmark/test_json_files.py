from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmark.synthetic import make_point, make_result, make_results
from vaecodec.benchmark.json_files import (
    from_plain,
    read_record,
    to_plain,
    write_json,
)
from vaecodec.benchmark.records import (
    CodecResult,
    Comparison,
    FilePoint,
    ProcessCost,
    Refusal,
)

POINT = {
    "quality": 50,
    "bpp": 0.25,
    "encoding_time": 0.1,
    "decoding_time": 0.01,
    "bytes": 1000,
    "psnr-rgb": 31.5,
    "ms-ssim-rgb": None,
}


def test_a_result_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    for result in make_results().values():
        write_json(tmp_path / "result.json", result)
        assert read_record(CodecResult, tmp_path / "result.json") == result


def test_scores_stand_beside_the_other_values_of_a_point() -> None:
    point = make_point(50, 0.25, scores={"psnr-rgb": 31.5, "ms-ssim-rgb": None})
    assert to_plain(point) == POINT
    assert from_plain(FilePoint, POINT) == point


def test_what_was_not_measured_is_not_in_the_file() -> None:
    assert to_plain(ProcessCost(failed="no luck")) == {"failed": "no luck"}
    plain = to_plain(make_result("webp", "WebP", scale=1.0))
    assert "reproduces" not in plain
    # No codec can be without code by accident.
    assert plain["identity"]["code"] is None


def test_a_refusal_is_told_from_a_comparison() -> None:
    comparison = Comparison(-1.5, None, 28.0, 40.0, 1.0, ("a falls",))
    for rate in (comparison, Refusal("too little")):
        assert from_plain(Comparison | Refusal, to_plain(rate)) == rate


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bytes": "many"}, "'many' is not"),
        ({"quality": None}, "None is not"),
        ({"psnr-rgb": "good"}, "'good' is not"),
        ({"ms-ssim-rgb": [1.0]}, r"\[1.0\] is not"),
    ],
)
def test_a_value_of_another_type_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        from_plain(FilePoint, POINT | changes)


def test_a_missing_value_is_refused_by_name(tmp_path: Path) -> None:
    plain = to_plain(make_result("webp", "WebP", scale=1.0))
    del plain["means"], plain["identity"]
    (tmp_path / "webp.json").write_text(json.dumps(plain))
    with pytest.raises(ValueError, match="CodecResult without identity, means"):
        read_record(CodecResult, tmp_path / "webp.json")


def test_a_key_of_a_newer_program_is_skipped() -> None:
    assert from_plain(Refusal, {"refused": "why", "more": 1}) == Refusal("why")
