from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.image_sets import CodecName, SetResult
from benchmarks.progressive import Progressive, QualityRow, StepRow
from benchmarks.script import ROOT
from benchmarks.update_readme import MARKERS, PAGES, main, replace_block
from tests.benchmark.synthetic import CONDITIONS, make_result
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import (
    BdRate,
    Comparison,
    ImageSpread,
    MeanPoint,
    Refusal,
)

TEXTS = dict.fromkeys(PAGES.values(), "")
for name, page in PAGES.items():
    begin, end = (marker.format(name) for marker in MARKERS)
    TEXTS[page] += f"before\n{begin}\nold\n{end}\nafter\n"
FUZZING = {
    "files": 1234,
    "failures": 0,
    "outcomes": {"decompress": {"refused: FormatError": 1200, "the same image": 34}},
    "slowest": {"inspect": {"seconds": 0.5}, "verify": {"seconds": 0.25}},
    "largest": {"mebibytes": 99.6},
}
STEPS = (StepRow("coarse", 0.125, 20.125, -3.0), StepRow("fine", 1.0, 30.5, 60.0))
PROGRESSIVE = Progressive(24, (QualityRow(50, STEPS, 0.251),), CONDITIONS)


def block(folder: str, name: str) -> str:
    """What stands between the markers of a block."""
    begin, end = (marker.format(name) for marker in MARKERS)
    text = (Path(folder) / PAGES[name]).read_text()
    return text.split(f"{begin}\n")[1].split(f"\n{end}\n")[0]


def pages(folder: str) -> dict[str, str]:
    return {page: (Path(folder) / page).read_text() for page in TEXTS}


def write_result(folder: Path, codec: str, *, scale: float) -> None:
    means = tuple(
        MeanPoint(
            quality=q,
            bpp=scale * 0.1 * 2 ** (q / 20),
            scores={
                "psnr-rgb": 28 + q / 8,
                "ms-ssim-rgb-db": 10 + q / 8,
                "ssimulacra2": q - 10.0,
            },
            encoding_time=0.25,
            decoding_time=0.125,
        )
        for q in (0, 20, 40, 60, 80, 100)
    )
    result = make_result(codec, f"name of {codec}", scale=scale)
    images = tuple(replace(i, width=1000, height=500) for i in result.images)
    result = replace(result, means=means, images=images)
    write_json(folder / f"{codec}.json", result)


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    write_result(tmp_path, "vaecodec", scale=0.9)
    write_result(tmp_path, "vaecodec-psnr", scale=0.8)
    write_result(tmp_path, "jpeg-420", scale=1.0)
    write_json(tmp_path / "more" / "fuzz.json", FUZZING)
    for page, text in TEXTS.items():
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(text)
    paths = {"pages": ".", "results": ".", "held-out": "held_out"}
    names = ("fuzz", "referee", "progressive")
    paths |= {name: f"more/{name}.json" for name in names}
    return [w for k, v in paths.items() for w in (f"--{k}", str(tmp_path / v))]


def test_a_stale_page_fails_the_check_until_it_is_updated(
    options: list[str],
) -> None:
    assert main(["--check", *options]) == 1
    assert pages(options[1]) == TEXTS
    assert main(options) == 0
    assert main(["--check", *options]) == 0


def test_new_results_make_the_readme_stale(options: list[str], tmp_path: Path) -> None:
    main(options)
    write_result(tmp_path, "vaecodec", scale=0.7)
    assert main(["--check", *options]) == 1


def test_each_model_is_compared_by_every_metric(options: list[str]) -> None:
    main(options)
    assert all(t.startswith("before\n") for t in pages(options[1]).values())
    assert all(t.endswith("after\n") for t in pages(options[1]).values())
    text = block(options[1], "summary")
    assert "| At equal | Model | name of jpeg-420 |" in text
    for metric in ("SSIMULACRA2", "MS-SSIM", "PSNR-RGB"):
        assert f"| {metric} | `standard` | -10.0 % |" in text
        assert f"| {metric} | `psnr` | -20.0 % |" in text
    assert "| compress | 500 | 500 | 500 |" in text
    assert "| decompress | 250 | 250 | 250 |" in text


def test_the_referee_has_rows_for_the_models_that_it_judged(
    options: list[str], tmp_path: Path
) -> None:
    ids = {"vaecodec": "0123456789abcdef", "vaecodec-psnr": "fedcba9876543210"}
    rates = {key: {"jpeg-420": rate(-12.5, spread(None, None))} for key in ids}
    referee = replace(make_set("kodak", {"Judge": rates}), models=ids)
    write_json(tmp_path / "more" / "referee.json", referee)
    main(options)
    text = block(options[1], "summary")
    assert "| Judge | `standard` | -12.5 % |" in text
    assert "| Judge | `psnr` |" not in text  # an earlier model of that name


def test_published_curves_and_qualities_have_their_own_page(
    options: list[str],
) -> None:
    main(options)
    text = block(options[1], "results")
    assert "model `psnr` (`0123456789abcdef`) on 24 Kodak images" in text
    assert "| VTM (VVC) | +" in text
    assert "| 20 | 0.180 | 10.0 | 30.50 | 0.160 | 10.0 | 30.50 |" in text


def test_a_model_that_was_not_measured_has_no_rows(
    options: list[str], tmp_path: Path
) -> None:
    (tmp_path / "vaecodec.json").unlink()
    main(options)
    assert "| `standard` |" not in block(options[1], "summary")
    (tmp_path / "vaecodec-psnr.json").unlink()
    main(options)
    assert block(options[1], "summary") == "No measurements yet."


def test_the_fuzzing_block_adds_up(options: list[str]) -> None:
    main(options)
    text = block(options[1], "fuzzing")
    assert "`decompress` refused 1,200 of 1,234 mutated files" in text
    assert "The other 34, with damaged" in text
    assert "exceeded limits: 0. The largest process used 100 MiB" in text
    assert "took 0.50 s" in text


def test_every_step_has_a_row_of_what_it_shows(
    options: list[str], tmp_path: Path
) -> None:
    main(options)
    assert block(options[1], "progressive") == "No measurements yet."
    write_json(tmp_path / "more" / "progressive.json", PROGRESSIVE)
    main(options)
    text = block(options[1], "progressive")
    assert "| 50 | 1 of 2 | 12.5 % | 20.12 | -3.0 |" in text
    assert "| 50 | 2 of 2 | 100.0 % | 30.50 | 60.0 |" in text
    assert "larger than a single payload would: 0.25 % at quality 50." in text


def make_set(
    name: str, rates: Mapping[str, Mapping[str, Mapping[str, BdRate]]]
) -> SetResult:
    """Two pictures."""
    keys = ("vaecodec", "jxl", "jpeg-420", "jpeg-444", "webp")
    return SetResult(
        set=name,
        image_count=2,
        codecs={key: CodecName(f"name of {key}", "synthetic") for key in keys},
        models={},
        means={},
        bd_rates=rates,
        conditions=CONDITIONS,
    )


def spread(name: str | None, highest: float | None) -> ImageSpread:
    return ImageSpread({}, None, None, highest, name)


def rate(percent: float, by_image: ImageSpread) -> Comparison:
    return Comparison(percent, None, 28, 40, 1.0, flags=(), by_image=by_image)


def test_other_pictures_have_a_row_for_each_metric(
    options: list[str], tmp_path: Path
) -> None:
    row = rate(-12.34, spread("a.png", -1.0))
    refused = Refusal("too little", spread(None, None))
    worse = rate(-12.34, spread("b.png", 3.0))
    rates = {"vaecodec": {"jpeg-420": row, "jpeg-444": refused, "webp": worse}}
    result = make_set("screens", {"ssimulacra2": rates, "psnr-rgb": rates})
    write_json(tmp_path / "held_out" / "screens.json", result)
    main(options)
    for metric in ("SSIMULACRA2", "PSNR-RGB"):
        assert (
            f"| 2 screens | {metric} | `standard` | \N{EN DASH} | -12.3 % | none | "
            "-12.3 % | `b.png`: +3.0 % against name of webp |"
        ) in block(options[1], "results")


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="results:begin"):
        replace_block("no markers", "results", "block")


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="no README here")
def test_the_pages_of_the_repository_show_the_stored_results() -> None:
    assert main(["--check"]) == 0
