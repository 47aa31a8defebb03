"""The programs in `examples/` do what their folder's README says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

EXAMPLES = Path(__file__).parent.parent / "examples"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(photograph: Callable[[str], Image.Image], tmp_path: Path) -> Path:
    """Two photographs of different sizes."""
    photograph("coffee").crop((200, 100, 400, 260)).save(tmp_path / "coffee.png")
    photograph("chelsea").crop((130, 80, 230, 240)).save(tmp_path / "chelsea.png")
    return tmp_path


def test_a_folder_fits_and_is_shown_on_one_sheet(folder: Path, run_python: Run) -> None:
    target, sheet = folder / "small", folder / "sheet.png"
    for words in (
        ("fit_folder.py", str(folder), "12000", str(target)),
        ("contact_sheet.py", str(target), str(sheet)),
    ):
        done = run_python(str(EXAMPLES / words[0]), *words[1:])
        assert (done.returncode, done.stderr) == (0, "")
    sizes = [path.stat().st_size for path in target.glob("*.vaec")]
    assert len(sizes) == 2
    assert 0.9 * 12000 < sum(sizes) <= 12000
    with Image.open(sheet) as image:
        assert image.size == (256, 128)


def test_every_example_is_listed() -> None:
    listed = re.findall(r"`(\w+\.py)", (EXAMPLES / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(path.name for path in EXAMPLES.glob("*.py"))
