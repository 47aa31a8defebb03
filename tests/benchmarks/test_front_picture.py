from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.front_picture import main
from benchmarks.script import ROOT
from vaecodec.benchmark.json_files import read_json


def test_the_caption_in_the_readme_says_what_was_measured() -> None:
    assert main(["--check"]) == 0
    assert "](docs/front.webp)" in (ROOT / "README.md").read_text("utf-8")


def test_the_picture_shows_three_parts_and_two_files_of_equal_size(
    tmp_path: Path,
) -> None:
    page, picture, result = (
        tmp_path / n for n in ("README.md", "docs/front.webp", "front.json")
    )
    page.write_text("before\n<!-- picture:begin -->\n<!-- picture:end -->\nafter\n")
    where = ["--page", str(page), "--picture", str(picture), "--result", str(result)]
    assert main(where) == 0
    with Image.open(picture) as sheet:
        assert sheet.width == 3 * 256 + 2 * 4
    files = read_json(result)["files"]
    ours, theirs = (files[name]["bytes"] for name in ("vaecodec", "AVIF 4:4:4"))
    assert 0.9 * ours <= theirs <= 1.02 * ours
    assert f"AVIF 4:4:4, {theirs:,} bytes" in page.read_text()
    assert main(["--check", *where]) == 0
    page.write_text(page.read_text().replace(f"{ours:,}", "1"))
    assert main(["--check", *where]) == 1
