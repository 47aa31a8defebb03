from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import update_images
from benchmarks.lossless_sizes import OUTPUT, FolderSizes, main, sizes_of
from tests.codec.deep_pictures import deep_picture
from tests.codec.image_files import deep_png
from tests.codec.lossless.test_estimate import drawing
from vaecodec.benchmark.json_files import read_record
from vaecodec.codec.pictures.picture import Picture


def test_the_page_says_what_was_measured() -> None:
    assert update_images.main(["--check"]) == 0


def test_a_page_that_says_anything_else_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(update_images.BLOCKS, "lossless-sizes", lambda: "nothing")
    assert update_images.main(["--check"]) == 1


def test_no_stored_size_is_beyond_what_is_promised() -> None:
    folders = [read_record(FolderSizes, path) for path in OUTPUT.glob("*.json")]
    every = [picture for folder in folders for picture in folder.pictures.values()]
    assert all(p.lossless <= 1.005 * p.webp + 60 for p in every if p.webp)
    # The smallest may look like photographs, and gain a few bytes from being lossless.
    assert all(p.chosen <= p.lossless + 60 for p in every)


def test_a_drawing_is_kept_and_a_deep_picture_has_no_webp() -> None:
    row = sizes_of(Picture(np.asarray(drawing(300, 200))))
    assert row.exact
    assert row.chosen == row.lossless <= (row.webp or 0) + 60
    deep = sizes_of(Picture(deep_picture(64, 64, 3, 16), depth=16))
    assert (deep.depth, deep.webp, deep.exact) == (16, None, False)


def test_files_are_measured_by_folder_and_refused_ones_are_named(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    drawing(80, 60).save(folder / "drawing.png")
    (folder / "deep.png").write_bytes(deep_png(deep_picture(20, 20, 3, 16)))
    Image.new("CMYK", (8, 8)).save(folder / "print.tif")
    (folder / "manifest.csv").write_text("file\n")
    assert main(["-o", str(tmp_path), str(folder)]) == 0
    found = read_record(FolderSizes, tmp_path / "odd.json")
    assert [*found.pictures] == ["deep.png", "drawing.png"]
    assert [*found.refused] == ["print.tif"]
