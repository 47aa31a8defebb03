"""The programs in `examples/` do what their folder's README says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import vaecodec

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


def test_a_picture_is_found_again_by_its_latents(
    photograph: Callable[[str], Image.Image], tmp_path: Path, run_python: Run
) -> None:
    pytest.importorskip("sklearn")
    coffee, chelsea = photograph("coffee"), photograph("chelsea")
    for name, picture, quality in (
        ("a", coffee.crop((200, 100, 400, 260)), 70),
        ("b", coffee.crop((204, 102, 398, 260)), 40),
        ("c", chelsea.crop((130, 80, 330, 240)), 70),
        ("d", coffee.crop((0, 0, 20, 10)), 70),
    ):
        data = vaecodec.compress(picture, quality, threads=1)
        (tmp_path / f"{name}.vaec").write_bytes(data)
    done = run_python(str(EXAMPLES / "find_duplicates.py"), str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[1:] for line in done.stdout.splitlines()] == [
        ["a.vaec", "b.vaec"]
    ]


def test_a_few_labels_are_enough_for_other_parts_of_a_photograph(
    photograph: Callable[[str], Image.Image], tmp_path: Path, run_python: Run
) -> None:
    pytest.importorskip("sklearn")
    for name in ("coffee", "chelsea"):
        for number in range(4):
            x = 150 + 30 * number
            part = photograph(name).crop((x, 100, x + 64, 164))
            folder = tmp_path / ("new" if number == 1 else f"known/{name}")
            folder.mkdir(parents=True, exist_ok=True)
            data = vaecodec.compress(part, threads=1)
            (folder / f"{name}{number}.vaec").write_bytes(data)
    words = str(tmp_path / "known"), str(tmp_path / "new")
    done = run_python(str(EXAMPLES / "few_labels.py"), *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "chelsea chelsea1.vaec",
        "coffee coffee1.vaec",
    ]


def test_every_example_is_listed() -> None:
    listed = re.findall(r"`(\w+\.py)", (EXAMPLES / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(path.name for path in EXAMPLES.glob("*.py"))


def test_a_sound_comes_back_from_its_spectrum(run_python: Run) -> None:
    done = run_python(str(EXAMPLES / "sound.py"), "90")
    assert (done.returncode, done.stderr) == (0, "")
    rate, _, ratio, *_ = done.stdout.split()
    assert float(rate) < 12
    assert float(ratio) > 18
