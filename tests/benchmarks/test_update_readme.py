from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.conditions import ROOT
from benchmarks.update_readme import MARKERS, main, replace_block
from vaecodec.benchmark.results import write_json

(BEGIN, END), (BEGIN_FUZZING, END_FUZZING) = (
    [marker.format(name) for marker in MARKERS] for name in ("results", "fuzzing")
)
TEXT = f"before\n{BEGIN}\nold\n{END}\nafter\n{BEGIN_FUZZING}{END_FUZZING}\n"
FUZZING = {
    "files": 1234,
    "failures": 0,
    "outcomes": {"decompress": {"refused: FormatError": 1200, "the same image": 34}},
    "slowest": {"inspect": {"seconds": 0.5}, "verify": {"seconds": 0.25}},
    "largest": {"mebibytes": 99.6},
}


def write_result(folder: Path, codec: str, *, scale: float) -> None:
    means = [
        {"quality": q, "bpp": scale * 0.1 * 2 ** (q / 20), "psnr-rgb": 28 + q / 8}
        | {"encoding_time": 0.25, "decoding_time": 0.125}
        for q in (0, 20, 40, 60, 80, 100)
    ]
    result: dict[str, object] = {"codec": codec, "name": codec}
    result["settings"] = "synthetic"
    result |= {"means": means, "image_count": 24, "model_id": "0123456789abcdef"}
    write_json(folder / f"{codec}.json", result)


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    write_result(tmp_path, "vaecodec", scale=0.9)
    write_result(tmp_path, "jpeg", scale=1.0)
    write_json(tmp_path / "more" / "fuzz.json", FUZZING)
    (tmp_path / "README.md").write_text(TEXT)
    paths = {"readme": "README.md", "results": ".", "held-out": "held_out"}
    paths["fuzz"] = "more/fuzz.json"
    return [w for k, v in paths.items() for w in (f"--{k}", str(tmp_path / v))]


def test_a_stale_readme_fails_the_check_until_it_is_updated(
    options: list[str],
) -> None:
    assert main(["--check", *options]) == 1
    assert Path(options[1]).read_text() == TEXT
    assert main(options) == 0
    assert main(["--check", *options]) == 0


def test_new_results_make_the_readme_stale(options: list[str], tmp_path: Path) -> None:
    main(options)
    write_result(tmp_path, "vaecodec", scale=0.8)
    assert main(["--check", *options]) == 1


def test_the_block_shows_the_numbers_of_the_results(options: list[str]) -> None:
    main(options)
    text = Path(options[1]).read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert f"\n{END}\nafter\n" in text
    assert "`0123456789abcdef`" in text
    assert "| jpeg | -10.0 % | 28.0-40.5 dB | measured: synthetic |" in text
    assert "| 20 | 0.180 | 30.50 | 0.25 | 0.12 |" in text


def test_the_fuzzing_block_adds_up(options: list[str]) -> None:
    main(options)
    block = Path(options[1]).read_text().split(BEGIN_FUZZING)[1].split(END_FUZZING)[0]
    assert "Of 1,234 mutated files `decompress` refused 1,200" in block
    assert "The other 34, harmed" in block
    assert "limits passed: 0. The largest process held 100 MiB" in block
    assert "took 0.50 s" in block


def test_other_pictures_have_a_row_each(options: list[str], tmp_path: Path) -> None:
    row = {"percent": -12.34, "low": 25.0, "high": 40.0}
    against = {
        "jpeg-420": {**row, "images": {"a.png": -1.0}, "worst_image": "a.png"},
        "jpeg-444": {"refused": "too little", "images": {}, "worst_image": None},
        "webp": {**row, "images": {"a.png": -1.0, "b.png": 3.0}}
        | {"worst_image": "b.png"},
    }
    result = {"set": "screens", "image_count": 2, "model_id": "0123456789abcdef"}
    write_json(tmp_path / "held_out" / "screens.json", {**result, "against": against})
    main(options)
    assert (
        "| 2 screens | `0123456789abcdef` | -12.3 % | not comparable | -12.3 % | "
        "`b.png`: +3.0 % |"
    ) in Path(options[1]).read_text()


def test_a_readme_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="results:begin"):
        replace_block("no markers", "results", "block")


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="no README here")
def test_the_readme_of_the_repository_shows_the_stored_results() -> None:
    assert main(["--check"]) == 0
