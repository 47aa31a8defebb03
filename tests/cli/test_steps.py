"""Files whose tiles have a payload for each coding step, seen before they are whole."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from vaecodec.cli import main
from vaecodec.codec import image_coding
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.format.chunks import parse_chunk

STEPS = len(model_to_compress(None, threads=1).architecture.steps)
TILES = 4


@pytest.fixture
def progressive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where each round of face.vaec ends; its four tiles have a payload per step."""
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
    monkeypatch.setattr(image_coding, "FUSED_BELOW", 0)
    assert main(["compress", "face.png", "--quiet"]) == 0
    data = Path("face.vaec").read_bytes()
    ends = [parse_chunk(data, 8).end]
    for _ in range(STEPS * TILES):
        ends.append(parse_chunk(data, ends[-1]).end)
    assert ends[-1] == len(data)
    return ends[TILES::TILES]


def cut(size: int) -> None:
    Path("face.vaec").write_bytes(Path("face.vaec").read_bytes()[:size])


def decompressed(*words: str) -> np.ndarray:
    command = ["decompress", "face.vaec", "-f", "-o", "out.png", "--quiet", *words]
    assert main(command) == 0
    with Image.open("out.png") as image:
        return np.asarray(image)


def test_every_step_brings_the_image_closer(progressive: list[int]) -> None:
    with Image.open("face.png") as image:
        before = np.asarray(image)
    shown = [decompressed("--steps", str(n)) for n in range(1, STEPS + 1)]
    scores = [psnr_db(before, picture) for picture in shown]
    assert all(later > earlier + 1 for earlier, later in pairwise(scores))
    np.testing.assert_array_equal(shown[-1], decompressed())


@pytest.mark.parametrize("steps", [1, 2])
def test_a_file_may_end_after_the_steps_that_are_asked_for(
    progressive: list[int], steps: int
) -> None:
    expected = decompressed("--steps", str(steps))
    cut(progressive[steps - 1])
    np.testing.assert_array_equal(decompressed("--steps", str(steps)), expected)


def test_steps_that_are_not_there_are_an_error(
    progressive: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    cut(progressive[0] + 5)
    for words in ([], ["--steps", "2"]):
        assert main(["decompress", "face.vaec", "-o", "out.png", *words]) == 1
        assert "face.vaec: " in only_line(capsys)
    assert names(Path()) == ["face.png", "face.vaec"]


@pytest.mark.parametrize("steps", ["0", "-1", "two", str(STEPS + 1)])
def test_a_number_of_steps_that_no_file_has_is_bad_usage(
    progressive: list[int], capsys: pytest.CaptureFixture[str], steps: str
) -> None:
    words = ["decompress", "face.vaec", "-o", "out.png", "--steps", steps]
    assert main(words) == 2
    assert "steps" in only_line(capsys)
    assert names(Path()) == ["face.png", "face.vaec"]


def test_a_file_with_one_payload_for_all_steps_shows_them_too(
    compressed: Path,
) -> None:
    assert vaecodec.inspect(compressed).rounds == 1
    coarse = decompressed("--steps", "1")
    assert psnr_db(coarse, decompressed()) < 40


def test_steps_go_with_a_region_and_a_preview(progressive: list[int]) -> None:
    coarse = decompressed("--steps", "2")
    cut(progressive[1])
    part = decompressed("--steps", "2", "--region", "30,20,50,60")
    np.testing.assert_array_equal(part, coarse[20:80, 30:80])
    small = decompressed("--steps", "2", "--preview", "8")
    assert small.shape == (12, 16, 3)


def test_a_truncated_download_is_shown_as_far_as_it_goes(
    progressive: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = decompressed("--steps", "2")
    cut(progressive[1])
    words = ["decompress", "face.vaec", "-f", "--partial", "-o", "out.png"]
    assert main(words) == 4
    tiles = "0,0,64,64 64,0,64,64 0,64,64,32 64,64,64,32"
    said = f"vaecodec: face.vaec: 4 damaged tiles are coarse: {tiles}"
    assert only_line(capsys) == said
    with Image.open("out.png") as image:
        np.testing.assert_array_equal(np.asarray(image), expected)


def test_a_download_cut_inside_of_a_round_names_coarse_and_filled_tiles(
    progressive: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Path("face.vaec").read_bytes()
    words = ["decompress", "face.vaec", "-f", "--partial", "-o", "out.png"]
    cut(len(whole) - 1)
    assert main(words) == 4
    said = "vaecodec: face.vaec: 1 damaged tile is coarse: 64,64,64,32"
    assert only_line(capsys) == said
    cut(progressive[0] - 1)
    assert main(words) == 4
    filled = "1 damaged tile is filled: 64,64,64,32"
    coarse = "3 damaged tiles are coarse: 0,0,64,64 64,0,64,64 0,64,64,32"
    assert only_line(capsys) == f"vaecodec: face.vaec: {filled}; {coarse}"


def test_info_says_how_many_rounds_a_file_has(
    progressive: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", "face.vaec"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["rounds", str(STEPS)] in lines
    assert ["bit", "depth", "8"] in lines
