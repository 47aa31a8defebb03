"""Where lossless WebP would be smaller `compress` says so in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.codec.test_lossless_estimate import PHOTOGRAPHS, drawing
from vaecodec.cli import main


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_text_on_flat_colours_is_better_kept_lossless_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    image = drawing(480, 320, mode)
    image.save("text.png")
    image.save("text.webp", lossless=True)
    assert main(["compress", "text.png"]) == 0
    [said] = [line for line in capsys.readouterr().err.splitlines() if "WebP" in line]
    assert "text.png: note: lossless WebP would be smaller: about " in said
    assert Path("text.webp").stat().st_size < Path("text.vaec").stat().st_size


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_it_is_never_said_of_a_photograph(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    request: pytest.FixtureRequest,
) -> None:
    Image.fromarray(request.getfixturevalue(name)).save("photo.png")
    assert main(["compress", "photo.png", "-q", "100"]) == 0
    assert "WebP" not in capsys.readouterr().err


def test_it_is_not_said_where_the_file_is_smaller(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing(480, 320).save("text.png")
    assert main(["compress", "text.png", "-q", "0"]) == 0
    assert "WebP" not in capsys.readouterr().err
