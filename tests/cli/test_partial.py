"""What is undamaged of a damaged file is written, and the rest is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from vaecodec.cli import main
from vaecodec.codec import image_coding
from vaecodec.format.chunks import parse_chunk


@pytest.fixture
def damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """face.vaec, of whose two rows of two tiles the second and third are damaged."""
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
    assert main(["compress", "face.png", "--quiet"]) == 0
    data = bytearray(Path("face.vaec").read_bytes())
    tile = parse_chunk(bytes(data), 8).end
    for number in range(4):
        end = parse_chunk(Path("face.vaec").read_bytes(), tile).end
        data[end - 5] ^= number in (1, 2)
        tile = end
    path = folder / "face.vaec"
    path.write_bytes(data)
    return path


def test_damaged_tiles_are_filled_and_named_in_one_line(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decompress", "face.vaec", "--partial", "-o", "out.png"]) == 4
    expected = "2 damaged tiles are filled: 64,0,64,64 0,64,64,32"
    assert only_line(capsys) == f"vaecodec: face.vaec: {expected}"
    with Image.open("out.png") as image, Image.open("face.png") as original:
        found, before = np.asarray(image).astype(int), np.asarray(original).astype(int)
    assert found.shape == before.shape
    error = np.abs(found - before)
    assert 2 * error[:64, :64].mean() < error[:64, 64:].mean()


def test_without_the_option_nothing_is_written(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decompress", "face.vaec", "-o", "out.png"]) == 1
    assert "chunk 'T' is damaged" in only_line(capsys)
    assert not Path("out.png").exists()


def test_json_names_the_regions(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["decompress", "face.vaec", "--partial", "-o", "out.png", "--json"]
    assert main(words) == 4
    fields = json.loads(capsys.readouterr().out)
    assert (fields["status"], fields["exit_code"]) == ("partial", 4)
    assert fields["damaged"] == [[64, 0, 64, 64], [0, 64, 64, 32]]
    assert fields["output"] == "out.png"


def test_a_file_that_is_cut_off_is_decoded_as_far_as_it_goes(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged.write_bytes(damaged.read_bytes()[:-10])
    words = ["decompress", "face.vaec", "--partial", "--quiet", "-o", "out.png"]
    assert main(words) == 4
    expected = "3 damaged tiles are filled: 64,0,64,64 0,64,64,32 64,64,64,32"
    assert only_line(capsys) == f"vaecodec: face.vaec: {expected}"
    assert names(damaged.parent) == ["face.png", "face.vaec", "out.png"]


def test_a_whole_file_is_decompressed_and_one_without_a_tile_is_refused(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decompress", "face.vaec", "--partial", "-o", "one.png"]) == 0
    assert main(["decompress", "face.vaec", "-o", "other.png"]) == 0
    assert Path("one.png").read_bytes() == Path("other.png").read_bytes()
    compressed.write_bytes(compressed.read_bytes()[:-1])
    capsys.readouterr()
    assert main(["decompress", "face.vaec", "--partial", "-o", "none.png"]) == 1
    assert "no tile is whole" in only_line(capsys)
    assert not Path("none.png").exists()


def test_verify_names_every_damaged_tile(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "face.vaec"]) == 1
    line = only_line(capsys)
    for tile in ("tile 2 of 4 (row 0, column 1)", "tile 3 of 4 (row 1, column 0)"):
        assert tile in line


@pytest.mark.parametrize("other", [["--preview", "8"], ["--region", "0,0,9,9"]])
def test_a_part_of_a_part_is_bad_usage(damaged: Path, other: list[str]) -> None:
    assert main(["decompress", "face.vaec", "--partial", *other]) == 2


def test_recover_takes_a_path(damaged: Path) -> None:
    _, damages = vaecodec.recover(damaged)
    assert [damage.region for damage in damages] == [(64, 0, 64, 64), (0, 64, 64, 32)]
