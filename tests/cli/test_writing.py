from __future__ import annotations

import errno
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.cli.folders import names, only_line
from vaecodec import api
from vaecodec.cli import files, main
from vaecodec.cli.interruption import Interrupted
from vaecodec.cli.messages import FileFailure
from vaecodec.codec.options import EncodeOptions
from vaecodec.codec.pictures.picture import Picture


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
        ("face", "is also the input"),
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
        (Interrupted(signal.SIGTERM), 143, "interrupted"),
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


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o400])
def test_a_replaced_file_keeps_its_permissions(folder: Path, mode: int) -> None:
    Path("face.vaec").touch()
    Path("face.vaec").chmod(mode)
    assert main(["compress", "face.png", "-f", "--quiet"]) == 0
    assert Path("face.vaec").stat().st_mode & 0o777 == mode
    assert Path("face.vaec").stat().st_size > 100


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_a_private_file_is_private_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, modes = tmp_path / "private", []
    target.touch(0o600)

    def fsync(_: int) -> None:
        modes.extend(path.stat().st_mode & 0o777 for path in tmp_path.iterdir())

    monkeypatch.setattr(files.os, "fsync", fsync)
    files.write_file(target, b"secret", replace=True)
    assert modes == [0o600, 0o600]


def no_links(*_: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_of_many_writers_of_one_new_file_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(files.os, "link", no_links)
    target, start = tmp_path / "result", Barrier(8)

    def write(number: int) -> str:
        start.wait()
        try:
            files.write_file(target, bytes([number]) * 10_000)
        except FileFailure as failure:
            return str(failure)
        return ""

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(write, range(8)))
    assert sorted(said) == ["", *[f"{target}: exists (-f replaces it)"] * 7]
    assert target.read_bytes() == bytes([said.index("")]) * 10_000
    assert names(tmp_path) == ["result"]


def test_a_file_that_appears_during_the_work_is_not_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compress = api.compress_picture

    def disturbed(picture: Picture, options: EncodeOptions) -> bytes:
        Path("face.vaec").write_bytes(b"precious")
        return compress(picture, options)

    monkeypatch.setattr(api, "compress_picture", disturbed)
    assert main(["compress", "face.png"]) == 3
    assert only_line(capsys) == "vaecodec: face.vaec: exists (-f replaces it)"
    assert Path("face.vaec").read_bytes() == b"precious"
    assert names(folder) == ["face.png", "face.vaec"]


def test_a_link_keeps_pointing_at_the_replaced_file(folder: Path) -> None:
    Path("real.vaec").write_bytes(b"old")
    Path("link.vaec").symlink_to("real.vaec")
    assert main(["compress", "face.png", "-f", "-o", "link.vaec"]) == 0
    assert Path("link.vaec").is_symlink()
    assert len(Path("real.vaec").read_bytes()) > 100
