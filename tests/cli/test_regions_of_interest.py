"""`compress --roi`: rectangles with a quality of their own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from vaecodec.cli import main
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.format.container import parse_file


def compressed(*words: str) -> bytes:
    """face.png, whose cells of 64 x 64 pixels are two rows of two."""
    assert main(["compress", "face.png", "-f", "--quiet", *words]) == 0
    return Path("face.vaec").read_bytes()


def test_a_region_is_better_and_the_file_is_hardly_larger(folder: Path) -> None:
    with Image.open("face.png") as image:
        before = np.asarray(image)
    plain, everywhere = compressed("-q", "20"), compressed("-q", "90")
    data = compressed("-q", "20", "--roi", "0,0,64,64:90")
    region = np.s_[:64, :64]
    low, high = (
        psnr_db(before[region], vaecodec.decode(d)[region]) for d in (plain, data)
    )
    assert high > low + 4
    assert len(plain) < len(data) < (len(plain) + len(everywhere)) / 2
    assert vaecodec.inspect(data).quality == 20


def test_regions_cover_the_cells_they_touch_and_the_last_one_wins(
    folder: Path,
) -> None:
    words = ["-q", "40", "--roi", "60,10,10,10:80", "--roi", "127,0,1,96:5"]
    assert parse_file(compressed(*words)).quality_map == bytes([80, 5, 40, 5])
    assert parse_file(compressed("-q", "40")).quality_map is None


def test_the_rest_has_the_default_quality(folder: Path) -> None:
    data = compressed("--roi", "0,0,1,1:0")
    assert parse_file(data).quality_map == bytes([0, 70, 70, 70])


def test_info_says_whether_there_is_a_quality_map(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, size in ((["--roi", "0,0,1,1:0"], r"\d+ bytes"), ([], "none")):
        compressed(*words)
        assert main(["info", "face.vaec"]) == 0
        assert re.search(f"quality map +{size}\n", capsys.readouterr().out)


def test_a_verified_result_is_measured_as_it_will_be_seen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compress", "face.png", "--roi", "0,0,9,9:99", "--verify"]
    assert main(words) == 0
    with Image.open("face.png") as image:
        psnr = psnr_db(np.asarray(image), vaecodec.decode("face.vaec"))
    assert f", {psnr:.2f} dB) in " in only_line(capsys)


def test_other_processes_get_the_regions_too(tree: Path) -> None:
    words = ["in/a.png", "in/b.JPG", "-o", "out", "--quiet", "-j", "2"]
    assert main(["compress", *words, "--roi", "0,0,8,8:35"]) == 0
    for name in ("a", "b"):
        data = Path("out", f"{name}.vaec").read_bytes()
        assert parse_file(data).quality_map == bytes([35])


@pytest.mark.parametrize(
    "text",
    [
        *("0,0,64,64", "0,0,64,64:", "0,0,64,64:101", "0,0,64,64:-1", "0,0,64,64:1.5"),
        *("0,0,64,64:high", "0,0,64,64:5:5", "0,0,64:50", "a,0,64,64:50", ":50", ""),
        f"0,0,64,64:{'9' * 5000}",
    ],
)
def test_words_that_name_no_region_are_bad_usage(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert main(["compress", "face.png", "--roi", text]) == 2
    line = only_line(capsys)
    assert "--roi" in line
    assert "X,Y,W,H" in line
    assert names(folder) == ["face.png"]


@pytest.mark.parametrize(
    "place", ["100,0,64,64", "0,90,1,7", "-1,0,9,9", "5,5,0,9", "5,5,9,-9"]
)
def test_a_region_outside_of_the_image_is_bad_usage_and_names_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    assert main(["compress", "face.png", "--roi", f"{place}:50"]) == 2
    start = f"vaecodec: face.png: region {place} "
    assert only_line(capsys).startswith(start)
    assert names(folder) == ["face.png"]


def test_a_region_may_fit_one_file_and_not_another(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Image.open("face.png") as image:
        image.crop((0, 0, 30, 30)).save("small.png")
    words = ["face.png", "small.png", "-o", "out", "--roi", "0,0,64,64:90"]
    assert main(["compress", *words]) == 2
    assert names(folder / "out") == ["face.vaec"]


@pytest.mark.parametrize("target", ["size=900", "bpp=1", "psnr=30"])
def test_a_target_leaves_no_choice_of_qualities(
    folder: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    words = ["compress", "face.png", "--roi", "0,0,9,9:50", f"--target-{target}"]
    assert main(words) == 2
    name = target.partition("=")[0]
    said = f"vaecodec: --roi and --target-{name} cannot be used together"
    assert only_line(capsys).startswith(said)


def test_a_search_takes_no_regions(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "--roi", "0,0,9,9:50", "-e", "3"]) == 2
    said = "vaecodec: --effort and --roi cannot be used together"
    assert only_line(capsys).startswith(said)
