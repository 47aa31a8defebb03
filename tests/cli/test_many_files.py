from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.folders import names
from vaecodec.cli import main

GOOD = ["a.vaec", "b.vaec", "sub", "sub/c.vaec", "sub/deep", "sub/deep/d.vaec"]


def test_a_tree_is_compressed_and_the_bad_file_in_it_stops_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "-r", "in", "-o", "out"]) == 1
    assert names(tree / "out") == GOOD
    *lines, summary = capsys.readouterr().err.splitlines()
    (failure,) = (line for line in lines if line.startswith("vaecodec: "))
    assert failure.startswith(f"vaecodec: {Path('in/bad.png')}: not a readable image")
    assert summary.startswith("5 files: 4 done, 1 failed; ")

    assert main(["decompress", "-r", "out", "-o", "again", "--format", "ppm"]) == 0
    assert names(tree / "again") == [name.replace("vaec", "ppm") for name in GOOD]
    with Image.open("again/sub/deep/d.ppm") as image:
        assert image.size == (64, 48)
    assert main(["verify", "-r", "out", "--quiet"]) == 0


def test_several_processes_give_the_same_files(tree: Path) -> None:
    assert main(["compress", "-r", "in", "-o", "one", "--quiet"]) == 1
    assert main(["compress", "-r", "in", "-o", "two", "--quiet", "-j", "2"]) == 1
    assert names(tree / "two") == GOOD
    for path in (tree / "one").rglob("*.vaec"):
        other = tree / "two" / path.relative_to(tree / "one")
        assert path.read_bytes() == other.read_bytes()


def test_the_highest_exit_code_is_that_of_the_run(tree: Path) -> None:
    words = ["compress", "in/bad.png", "in/missing.png", "in/a.png"]
    assert main([*words, "-o", "out", "--quiet"]) == 3
    assert names(tree / "out") == ["a.vaec"]


def test_a_file_that_may_not_be_read_is_one_failure_among_others(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    access, opened = os.access, Path.open

    def locked(path: object, mode: int) -> bool:
        return "bad" not in str(path) and access(str(path), mode)

    def open_unlocked(path: Path, *words: str) -> object:
        if "bad" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *words)

    # As the file system does, but to an administrator as well.
    monkeypatch.setattr(os, "access", locked)
    monkeypatch.setattr(Path, "open", open_unlocked)
    words = ["in/a.png", "in/bad.png", "in/b.JPG", "-o", "out", "--quiet"]
    assert main(["compress", *words]) == 3
    said = capsys.readouterr().err
    assert said == f"vaecodec: {Path('in/bad.png')}: Permission denied\n"
    assert names(tree / "out") == ["a.vaec", "b.vaec"]
    assert main(["info", "out/a.vaec", "in/bad.png", "out/b.vaec"]) == 3
    assert capsys.readouterr().out.count("width") == 2


def test_a_folder_that_may_not_be_looked_into_is_one_failure_among_others(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stat = os.stat

    def locked(path: object, **options: bool) -> os.stat_result:
        if "locked" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "stat", locked)
    words = ["in/a.png", "locked/x.png", "in/b.JPG", "-o", "out", "--quiet"]
    assert main(["compress", *words]) == 3
    said = capsys.readouterr().err
    assert said == f"vaecodec: {Path('locked/x.png')}: Permission denied\n"
    assert names(tree / "out") == ["a.vaec", "b.vaec"]


def test_results_have_the_time_of_their_source(tree: Path) -> None:
    os.utime("in/a.png", ns=(10**18, 10**18 + 123_456_000))
    assert main(["compress", "in/a.png", "--quiet"]) == 0
    assert main(["decompress", "in/a.vaec", "-o", "a.png", "--quiet"]) == 0
    for result in ("in/a.vaec", "a.png"):
        assert Path(result).stat().st_mtime_ns == pytest.approx(
            10**18 + 123_456_000, abs=1000
        )


def test_resuming_does_what_is_left(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "in" / "bad.png").unlink()
    words = ["compress", "-r", "in", "-o", "out", "--resume"]
    assert main([*words, "--quiet"]) == 0
    before = {path: path.stat().st_ino for path in (tree / "out").rglob("*.vaec")}
    (tree / "out" / "a.vaec").unlink()
    assert main(words) == 0
    for path, inode in before.items():
        assert path.stat().st_ino == inode or path.name == "a.vaec"
    *_, summary = capsys.readouterr().err.splitlines()
    assert summary.startswith("4 files: 1 done, 3 up to date; ")


@pytest.mark.parametrize("fault", ["older", "cut off", "empty"])
def test_resuming_leaves_a_result_that_is_not_up_to_date_to_force(
    compressed: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    whole = compressed.read_bytes()
    if fault == "older":
        os.utime(compressed, (10**9, 10**9))
    else:
        compressed.write_bytes(whole[:-1] if fault == "cut off" else b"")
    before = compressed.read_bytes()
    assert main(["compress", "face.png", "--resume"]) == 3
    assert "exists (-f replaces it)" in capsys.readouterr().err
    assert compressed.read_bytes() == before
    assert main(["compress", "face.png", "--resume", "-f"]) == 0
    assert compressed.read_bytes() == whole
    assert "-> " in capsys.readouterr().err
    assert main(["compress", "face.png", "--resume", "-f"]) == 0
    assert capsys.readouterr().err == "face.png: up to date\n"


def test_json_is_one_object_per_file_and_nothing_else_on_stdout(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compress", "in/a.png", "in/bad.png", "in/missing.png", "-o", "out"]
    assert main([*words, "--json"]) == 3
    said = capsys.readouterr()
    done, bad, missing = map(json.loads, said.out.splitlines())
    size = (tree / "out" / "a.vaec").stat().st_size
    source = Path("in/a.png").stat().st_size
    assert done.pop("seconds") > 0
    assert done == {
        "file": str(Path("in/a.png")),
        "output": str(Path("out/a.vaec")),
        "status": "done",
        "width": 64,
        "height": 48,
        "channels": 3,
        "quality": 70,
        "input_bytes": source,
        "bytes": size,
        "bpp": round(8 * size / (64 * 48), 5),
        "lossless": False,
        "max_error": None,
        "instead_of_lossy": False,
        "notes": [],
        "error": None,
        "exit_code": 0,
    }
    assert [bad["status"], bad["exit_code"]] == ["failed", 1]
    assert [missing["error"], missing["exit_code"]] == [
        f"{Path('in/missing.png')}: No such file or directory",
        3,
    ]
    assert said.err.count("\n") == 2


def test_verify_reports_in_json_too(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("short.vaec").write_bytes(compressed.read_bytes()[:-1])
    assert main(["verify", "*.vaec", "--json"]) == 1
    whole, short = map(json.loads, capsys.readouterr().out.splitlines())
    assert (whole["file"], whole["status"]) == ("face.vaec", "undamaged")
    assert (whole["output"], whole["error"]) == (None, None)
    assert short["error"].startswith("short.vaec: ")


def test_a_result_that_is_not_smaller_is_not_written_if_so_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Image.open("face.png") as image:
        image.save("tiny.webp", quality=0)
    words = ["compress", "-q", "100", "face.png", "tiny.webp", "--skip-larger"]
    assert main(words) == 0
    assert names(folder) == ["face.png", "face.vaec", "tiny.webp"]
    lines = capsys.readouterr().err.splitlines()
    assert lines[1].startswith("tiny.webp: 128x96, ")
    assert lines[1].endswith("; not smaller, not written")
    assert lines[2].startswith("2 files: 1 done, 1 not smaller; ")


@pytest.mark.parametrize(
    "name",
    [
        "-dash.png",
        "blank s.png",
        "größe-寸法.png",
        os.fsdecode(b"caf\xe9.png"),
        "[x].png",
    ],
)
def test_any_name_that_a_file_can_have_is_taken(folder: Path, name: str) -> None:
    try:
        Path(name).write_bytes(Path("face.png").read_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    assert main(["compress", "--json", "--", name]) == 0
    assert main(["compress", "-f", "--", name]) == 0
    assert Path(name).with_suffix(".vaec").is_file()


def test_a_result_in_a_folder_that_cannot_be_made_is_refused(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compress", "in/a.png", "in/b.JPG", "-o", "in/notes.txt", "--quiet"]
    assert main(words) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"vaecodec: {Path('in/notes.txt')}: File exists"] * 2


@pytest.mark.parametrize("output", ["single.vaec", "single.PNG"])
def test_no_folder_is_made_that_is_called_like_a_file(
    tree: Path, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    words = ["in/a.png", "in/b.JPG", "--quiet", "-o"]
    assert main(["compress", *words, output]) == 2
    assert f"-o {output} looks like a file" in capsys.readouterr().err
    assert not Path(output).exists()
    assert main(["compress", *words, f"{output}/"]) == 0
    assert main(["decompress", "-r", output, "-o", "again.webp", "--quiet"]) == 2
    assert main(["compress", *words, output, "--keep-suffix"]) == 0
    assert names(tree / output) == ["a.png.vaec", "a.vaec", "b.JPG.vaec", "b.vaec"]


def test_an_output_format_that_contradicts_the_name_is_bad_usage(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["decompress", "face.vaec", "-o", "again.png", "--format", "tiff"]
    assert main(words) == 2
    assert "again.png must be .tiff" in capsys.readouterr().err


class Terminal:
    """A stream that is a terminal, and what was sent to it."""

    def __init__(self) -> None:
        self._read_end, write_end = os.openpty()
        self.stream = os.fdopen(write_end, "w", encoding="utf-8")

    def seen(self) -> str:
        self.stream.flush()
        seen = b""
        while select.select([self._read_end], [], [], 0)[0]:
            seen += os.read(self._read_end, 10**5)
        return seen.decode()

    def close(self) -> None:
        self.stream.close()
        os.close(self._read_end)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.mark.parametrize(
    ("words", "bar"),
    [(["in/a.png", "in/b.JPG"], True), (["in/a.png"], False)],
)
@pytest.mark.parametrize("no_color", [False, True])
def test_a_progress_bar_is_shown_for_several_files_on_a_terminal(
    tree: Path,
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    bar: bool,
    no_color: bool,
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    monkeypatch.setenv("NO_COLOR", "1" if no_color else "")
    assert main(["compress", *words]) == 0
    seen = terminal.seen()
    assert "a.png: 64x48, " in seen
    assert ("[####" in seen) == (bar and not no_color)


def test_a_terminal_shows_what_is_worked_on(
    folder: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    assert main(["compress", "face.png"]) == 0
    assert terminal.seen().startswith("face.png ...\r\x1b[Kface.png: 128x96, ")


def test_no_binary_data_is_sent_to_a_terminal(
    folder: Path,
    terminal: Terminal,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    assert main(["compress", "face.png", "-o", "-"]) == 3
    assert "standard output is a terminal" in capsys.readouterr().err
