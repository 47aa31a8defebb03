from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vaecodec.cli import main


@pytest.fixture
def folder(
    tmp_path: Path, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The current folder, holding face.png: a photograph of 128x96 pixels."""
    Image.fromarray(astronaut[40:136, 160:288]).save(tmp_path / "face.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def compressed(folder: Path) -> Path:
    """A folder that holds face.vaec as well."""
    assert main(["compress", "face.png", "--quiet"]) == 0
    return folder / "face.vaec"


@pytest.fixture
def tree(
    tmp_path: Path, coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The current folder, holding a folder `in` with pictures, and with what is none.

    Of the seven files of `in` five are pictures of 64x48 pixels that -r finds, one of
    them damaged.
    """
    places = ("a.png", "b.JPG", "bad.png", "sub/c.webp", "sub/deep/d.bmp")
    for number, place in enumerate((*places, ".hidden.png")):
        path = tmp_path / "in" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        crop = coffee[48 * number : 48 * (number + 1), 100:164]
        Image.fromarray(crop).save(path)
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    (tmp_path / "in" / "notes.txt").write_text("no picture either")
    monkeypatch.chdir(tmp_path)
    return tmp_path
