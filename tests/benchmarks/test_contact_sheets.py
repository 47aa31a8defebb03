from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.contact_sheets import CHOSEN, CROP, OTHERS, main, pictures
from benchmarks.sheets import GAP, LINE, Cell, draw_sheet, write_webp
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.equal_bytes import of_equal_size
from vaecodec.benchmark.metrics import Judge

Samples = NDArray[np.uint8]


@pytest.fixture
def face(astronaut: Samples) -> Samples:
    return np.ascontiguousarray(astronaut[40:136, 180:300])


@pytest.mark.parametrize("key", OTHERS)
def test_of_equal_size_is_the_largest_file_of_at_most_two_percent_more(
    key: str, face: Samples
) -> None:
    codec = make_codec(key)
    sizes = [len(codec.compress(face, quality)) for quality in range(100)]
    for wanted in (900, 2000):
        found = of_equal_size(wanted, codec, face, Judge(face))
        largest = max(size for size in sizes if size <= 1.02 * wanted)
        # A higher quality may make a smaller file, which a bisection does not know.
        assert 0.98 * largest <= found.size <= largest
    assert of_equal_size(1, codec, face, Judge(face)).size == sizes[0]


def test_a_sheet_shows_the_samples_in_rows_and_columns(face: Samples) -> None:
    height, width, _ = face.shape
    rows = [[Cell(face, "a"), Cell(255 - face, "b")], [Cell(face // 2, "c")] * 2]
    sheet = np.asarray(draw_sheet(rows))
    np.testing.assert_array_equal(sheet[LINE : LINE + height, :width], face)
    np.testing.assert_array_equal(
        sheet[LINE : LINE + height, width + GAP :], 255 - face
    )
    np.testing.assert_array_equal(sheet[-height:, :width], face // 2)


def test_a_sheet_keeps_to_its_size_or_is_refused(face: Samples, tmp_path: Path) -> None:
    path = tmp_path / "new" / "sheet.webp"
    write_webp(Image.fromarray(face), path, most_bytes=4000)
    assert path.stat().st_size <= 4000
    with pytest.raises(ValueError, match="more than 100 bytes"):
        write_webp(Image.fromarray(face), tmp_path / "none.webp", most_bytes=100)
    assert not (tmp_path / "none.webp").exists()


def test_a_picture_of_ones_own_gets_a_sheet(face: Samples, tmp_path: Path) -> None:
    Image.fromarray(face).save(tmp_path / "face.png")
    assert main([str(tmp_path / "face.png"), "-o", str(tmp_path / "out")]) == 0
    with Image.open(tmp_path / "out" / "face.webp") as sheet:
        assert sheet.width == 4 * (120 + GAP) - GAP
        assert sheet.height % (96 + LINE + GAP) == 96 + LINE


def test_the_parts_of_the_six_photographs_are_inside_of_them() -> None:
    found = {name: picture[part].shape for name, picture, part in pictures([])}
    assert found == dict.fromkeys(CHOSEN, (CROP, CROP, 3))
