from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from vaecodec.cli import main


def shown(name: str) -> np.ndarray:
    with Image.open(name) as image:
        return np.asarray(image)


def test_a_region_is_written_alone(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["decompress", "face.vaec", "--region", "10,20,70,9", "-o", "part.png"]
    assert main(words) == 0
    whole = vaecodec.decode(compressed)
    np.testing.assert_array_equal(shown("part.png"), whole[20:29, 10:80])
    assert "70x9" in capsys.readouterr().err


def test_a_preview_is_written_alone(compressed: Path) -> None:
    words = ["decompress", "face.vaec", "--preview", "8", "-o", "small.png", "--quiet"]
    assert main(words) == 0
    expected = vaecodec.decode(compressed, preview=8)
    np.testing.assert_array_equal(shown("small.png"), expected)
    assert expected.shape == (12, 16, 3)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--region", "100,0,50,10"], "region 100,0,50,10 .* not inside 0,0,128,96"),
        (["--region", "1,2,3"], "'1,2,3' is not four integers X,Y,W,H"),
        (["--region", "1,2,3,x"], "'1,2,3,x' is not four integers X,Y,W,H"),
        (["--preview", "4"], "'4' is not '8'"),
        (["--preview", "8", "--region", "0,0,8,8"], "cannot be used together"),
    ],
)
def test_what_cannot_be_decoded_is_bad_usage_and_writes_nothing(
    words: list[str],
    reason: str,
    compressed: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["decompress", "face.vaec", "-o", "part.png", *words]) == 2
    [line] = capsys.readouterr().err.splitlines()[-1:]
    assert re.search(reason, line)
    assert not Path("part.png").exists()
