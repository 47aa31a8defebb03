from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.folders import names, only_line
from vaecodec.cli import files, main


@pytest.mark.parametrize("command", ["compress", "decompress"])
def test_an_existing_file_is_replaced_only_on_demand(
    compressed: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    source, target = ("face.png", "face.vaec")[:: 1 if command == "compress" else -1]
    Path("kept").write_bytes(Path(source).read_bytes())
    Path(target).write_bytes(b"precious")
    assert main([command, "kept", "-o", target]) == 3
    assert only_line(capsys) == f"vaecodec: {target}: exists (-f replaces it)"
    assert Path(target).read_bytes() == b"precious"
    assert main([command, "kept", "-o", target, "-f", "--quiet"]) == 0
    assert len(Path(target).read_bytes()) > 100


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("missing/out.vaec", "missing is not a folder"),
        ("face.png/out.vaec", "face.png is not a folder"),
        ("face", "is the input as well"),
    ],
)
def test_a_result_that_has_no_place_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], output: str, reason: str
) -> None:
    (folder / "inner").mkdir()
    (folder / "face").write_bytes(Path("face.png").read_bytes())
    assert main(["compress", "face", "-f", "-o", output]) == 3
    assert only_line(capsys) == f"vaecodec: {output}: {reason}"
    assert names(folder) == ["face", "face.png", "inner"]


def test_an_output_that_is_a_device_is_left_alone(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("pipe.png")
    assert main(["decompress", "face.vaec", "-f", "-o", "pipe.png"]) == 3
    assert only_line(capsys) == "vaecodec: pipe.png: is not a regular file"
    assert Path("pipe.png").is_fifo()


@pytest.mark.parametrize(
    ("error", "exit_code", "reason"),
    [
        (PermissionError(13, "Permission denied"), 3, "out.vaec: Permission denied"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    exit_code: int,
    reason: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    Path("out.vaec").write_bytes(b"old")
    monkeypatch.setattr(files.os, "replace", fail)
    assert main(["compress", "face.png", "-f", "-o", "out.vaec"]) == exit_code
    assert capsys.readouterr().err.strip() == f"vaecodec: {reason}"
    assert Path("out.vaec").read_bytes() == b"old"
    assert names(folder) == ["face.png", "out.vaec"]


def test_the_result_has_the_permissions_of_any_new_file(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        assert main(["compress", "face.png"]) == 0
    finally:
        os.umask(before)
    assert Path("face.vaec").stat().st_mode & 0o777 == 0o640


def test_a_link_keeps_pointing_at_the_replaced_file(folder: Path) -> None:
    Path("real.vaec").write_bytes(b"old")
    Path("link.vaec").symlink_to("real.vaec")
    assert main(["compress", "face.png", "-f", "-o", "link.vaec"]) == 0
    assert Path("link.vaec").is_symlink()
    assert len(Path("real.vaec").read_bytes()) > 100
